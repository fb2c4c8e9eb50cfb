"""The twin of examples/siamese_statistics.wnet."""

import torch.nn.functional as F
from torch import nn


class Tower(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.head = nn.Linear(8, features, bias=False)

    def forward(self, image):
        return self.head(F.relu(self.norm(self.conv(image))).mean(dim=[2, 3]))


class Siamese(nn.Module):
    def __init__(self, features=16, margin=1.0):
        super().__init__()
        self.margin = margin
        self.first = Tower(features)
        self.second = Tower(features)
        self.second.conv = self.first.conv
        self.second.head = self.first.head
        self.second.norm.weight = self.first.norm.weight
        self.second.norm.bias = self.first.norm.bias

    def forward(self, left, right, same):
        distance = F.pairwise_distance(self.first(left), self.second(right))
        loss = same * distance**2 + (1 - same) * (self.margin - distance).clamp(min=0) ** 2
        return distance, loss.mean()
