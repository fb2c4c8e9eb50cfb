"""The twin of examples/shared_parameter.wnet."""

import torch
import torch.nn.functional as F
from torch import nn


class SharedParameter(nn.Module):
    def __init__(self):
        super().__init__()
        self.shared_weight = nn.Parameter(torch.randn(20, 10))
        self.layer2 = nn.Linear(20, 5)

    def forward(self, x):
        return self.layer2(F.relu(F.linear(x, self.shared_weight)))
