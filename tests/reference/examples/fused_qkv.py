"""The twin of examples/fused_qkv.wnet."""

import torch
import torch.nn.functional as F
from torch import nn


class FusedQKV(nn.Module):
    def __init__(self, d=64, heads=4):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Parameter(torch.empty(3 * d, d))
        self.out = nn.Linear(d, d)
        nn.init.xavier_uniform_(self.qkv)

    def forward(self, x):
        q, k, v = F.linear(x, self.qkv).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v)
        return self.out(y.transpose(1, 2).flatten(2))
