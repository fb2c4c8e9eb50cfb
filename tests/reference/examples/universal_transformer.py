"""The twin of examples/universal_transformer.wnet."""

import math

import torch
import torch.nn.functional as F
from torch import nn


def sinusoidal_positions(n, d):
    angles = torch.arange(n)[:, None] * torch.exp(torch.arange(0, d, 2) * (-math.log(10000.0) / d))
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


class Step(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.attn = nn.MultiheadAttention(d, heads, batch_first=True)
        self.norm1 = nn.LayerNorm(d)
        self.mlp = nn.Sequential(nn.Linear(d, 4 * d), nn.ReLU(), nn.Linear(4 * d, d))
        self.norm2 = nn.LayerNorm(d)

    def forward(self, x):
        x = self.norm1(x + self.attn(x, x, x, need_weights=False)[0])
        return self.norm2(x + self.mlp(x))


class UniversalTransformer(nn.Module):
    def __init__(self, vocab=1000, d=64, heads=4, rounds=6):
        super().__init__()
        self.embed = nn.Embedding(vocab, d)
        self.step = Step(d, heads)
        self.head = nn.Linear(d, vocab)
        self.register_buffer("times", sinusoidal_positions(rounds, d), persistent=False)

    def forward(self, tokens, targets):
        h = self.embed(tokens)
        places = sinusoidal_positions(h.shape[1], h.shape[2]).to(h)
        for time in self.times:
            h = self.step(h + places + time)
        logits = self.head(h)
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())
