"""The twin of examples/vit.wnet."""

import torch
import torch.nn.functional as F
from torch import nn


class ViT(nn.Module):
    def __init__(self, classes=10, size=32, patch=8, d=64, n=2, heads=4):
        super().__init__()
        self.first = nn.Parameter(torch.zeros(1, 1, d))
        self.position = nn.Parameter(torch.empty(1, (size // patch) ** 2 + 1, d).normal_(std=0.02))
        self.patches = nn.Conv2d(3, d, patch, stride=patch)
        self.layers = nn.Sequential(
            *[
                nn.TransformerEncoderLayer(
                    d, heads, 4 * d, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
                )
                for _ in range(n)
            ]
        )
        self.norm = nn.LayerNorm(d)
        self.head = nn.Linear(d, classes)

    def forward(self, image, label):
        words = self.patches(image).flatten(2).transpose(1, 2)
        h = torch.cat([self.first.expand(len(words), -1, -1), words], dim=1) + self.position
        h = self.norm(self.layers(h))
        logits = self.head(h[:, 0])
        return logits, F.cross_entropy(logits, label)
