"""The twins of examples/residual_stack.wnet."""

import torch.nn.functional as F
from torch import nn


class Residual(nn.Module):
    def __init__(self, channels, hidden):
        super().__init__()
        self.narrow = nn.Conv2d(channels, hidden, 3, padding=1, bias=False)
        self.widen = nn.Conv2d(hidden, channels, 1, bias=False)

    def forward(self, x):
        return x + self.widen(F.relu(self.narrow(F.relu(x))))


class Repeated(nn.Module):
    def __init__(self, channels=128, hidden=32, n=4):
        super().__init__()
        self.n = n
        self.residual = Residual(channels, hidden)

    def forward(self, x):
        for _ in range(self.n):
            x = self.residual(x)
        return x


class Separate(nn.Module):
    def __init__(self, channels=128, hidden=32, n=4):
        super().__init__()
        self.residual = nn.Sequential(*[Residual(channels, hidden) for _ in range(n)])

    def forward(self, x):
        return self.residual(x)
