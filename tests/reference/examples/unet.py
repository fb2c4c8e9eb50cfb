"""The twin of examples/unet.wnet."""

import torch
import torch.nn.functional as F
from torch import nn


class DoubleConv(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(i, o, 3, padding=1), nn.ReLU(), nn.Conv2d(o, o, 3, padding=1), nn.ReLU()
        )

    def forward(self, x):
        return self.body(x)


class UNet(nn.Module):
    def __init__(self, channels=1, classes=2, widths=(16, 32, 64, 128)):
        super().__init__()
        *upper, bottom = widths
        self.down = nn.ModuleList([DoubleConv(i, o) for i, o in zip([channels, *upper], upper)])
        self.bottom = DoubleConv(upper[-1], bottom)
        self.widen = nn.ModuleList([nn.ConvTranspose2d(i, o, 2, stride=2) for i, o in zip(widths[1:], upper)])
        self.up = nn.ModuleList([DoubleConv(2 * o, o) for o in upper])
        self.head = nn.Conv2d(widths[0], classes, 1)

    def forward(self, image, target):
        x, skips = image, []
        for layer in self.down:
            x = layer(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottom(x)
        for skip, widen, up in zip(reversed(skips), reversed(self.widen), reversed(self.up)):
            x = up(torch.cat([skip, widen(x)], dim=1))
        logits = self.head(x)
        return logits, F.cross_entropy(logits, target)
