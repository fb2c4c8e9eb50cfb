"""The twin of examples/mixture_of_experts.wnet."""

import torch
import torch.nn.functional as F
from torch import nn


class MixtureOfExperts(nn.Module):
    def __init__(self, features=16, hidden=32, classes=10, experts=4):
        super().__init__()
        self.gate = nn.Sequential(nn.Linear(features, experts), nn.Softmax(dim=-1))
        self.expert = nn.ModuleList(
            [
                nn.Sequential(nn.Linear(features, hidden), nn.ReLU(), nn.Linear(hidden, classes))
                for _ in range(experts)
            ]
        )

    def forward(self, x, label):
        answers = torch.stack([expert(x) for expert in self.expert], dim=1)
        logits = (self.gate(x).unsqueeze(-1) * answers).sum(dim=1)
        return logits, F.cross_entropy(logits, label)
