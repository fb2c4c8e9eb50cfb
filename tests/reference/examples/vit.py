"""The twin of examples/vit.wnet."""

import torch
import torch.nn.functional as F
from torch import nn


class PatchEmbedding(nn.Module):
    def __init__(self, patch, channels, d):
        super().__init__()
        self.proj = nn.Conv2d(channels, d, patch, stride=patch)

    def forward(self, image):
        return self.proj(image).flatten(2).transpose(1, 2)


class ViT(nn.Module):
    def __init__(self, classes=10, size=32, patch=8, d=64, n=2, heads=4):
        super().__init__()
        self.first = nn.Parameter(torch.zeros(1, 1, d))
        self.position = nn.Parameter(torch.empty(1, (size // patch) ** 2 + 1, d).normal_(std=0.02))
        self.patches = PatchEmbedding(patch, 3, d)
        layer = nn.TransformerEncoderLayer(
            d, heads, 4 * d, dropout=0.0, activation="gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, n, nn.LayerNorm(d, 1e-6))
        self.head = nn.Linear(d, classes)

    def forward(self, image, label):
        words = self.patches(image)
        h = torch.cat([self.first.expand(len(words), -1, -1), words], dim=1) + self.position
        logits = self.head(self.encoder(h)[:, 0])
        return logits, F.cross_entropy(logits, label)
