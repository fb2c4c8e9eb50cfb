"""The twin of examples/tied_head.wnet."""

import torch
import torch.nn.functional as F
from torch import nn


class TiedHead(nn.Module):
    def __init__(self, vocab=96, dim=32):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        self.norm = nn.LayerNorm(dim)
        self.mix = nn.Linear(dim, dim)
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(dim, vocab, bias=False)
        self.head.weight = self.embed.weight
        nn.init.normal_(self.embed.weight, std=0.02)

    def forward(self, tokens, targets):
        h = self.embed(tokens)
        h = h + self.drop(F.gelu(self.mix(self.norm(h))))
        logits = self.head(h)
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())
