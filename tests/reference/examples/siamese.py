"""The twin of examples/siamese.wnet."""

import torch.nn.functional as F
from torch import nn


class Tower(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.head = nn.Linear(8, features, bias=False)

    def forward(self, image):
        return self.head(self.body(image).mean(dim=[2, 3]))


class Siamese(nn.Module):
    def __init__(self, features=16, margin=1.0):
        super().__init__()
        self.margin = margin
        self.tower = Tower(features)

    def forward(self, left, right, same):
        distance = F.pairwise_distance(self.tower(left), self.tower(right))
        loss = same * distance**2 + (1 - same) * (self.margin - distance).clamp(min=0) ** 2
        return distance, loss.mean()
