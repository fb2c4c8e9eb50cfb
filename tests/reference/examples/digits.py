"""The twin of examples/digits.wnet."""

import torch.nn.functional as F
from torch import nn


class Digits(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.first = nn.Linear(64, hidden)
        self.middle = nn.Linear(hidden, hidden)
        self.last = nn.Linear(hidden, 10)

    def forward(self, image, label):
        h = F.relu(self.first(image))
        for _ in range(3):
            h = F.relu(self.middle(h))
        logits = self.last(h)
        return logits, F.cross_entropy(logits, label)
