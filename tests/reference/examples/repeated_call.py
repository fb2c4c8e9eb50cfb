"""The twin of examples/repeated_call.wnet."""

import torch.nn.functional as F
from torch import nn


class RepeatedCall(nn.Module):
    def __init__(self, input_dim=20, hidden_dim=20, output_dim=5):
        super().__init__()
        self.shared_layer = nn.Linear(input_dim, hidden_dim)
        self.output_layer = nn.Linear(hidden_dim, output_dim)

    def forward(self, x):
        h = F.relu(self.shared_layer(x))
        h = F.relu(self.shared_layer(h))
        return self.output_layer(h)
