"""The twin of examples/independent.wnet."""

import torch.nn.functional as F
from torch import nn


class Independent(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(10, 20)
        self.fc2 = nn.Linear(20, 5)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))
