"""The twin of examples/small_cnn.wnet."""

import torch.nn.functional as F
from torch import nn


class SmallCNN(nn.Module):
    def __init__(self, width=32, classes=10, largest=1.0):
        super().__init__()
        self.largest = largest
        self.conv1 = nn.Conv2d(1, width, 3)
        self.conv2 = nn.Conv2d(width, 2 * width, 3)
        self.head = nn.Linear(50 * width, classes)

    def forward(self, image, label):
        x = image / self.largest
        for conv in [self.conv1, self.conv2]:
            x = F.max_pool2d(F.relu(conv(x)), 2)
        logits = self.head(x.flatten(1))
        return logits, F.cross_entropy(logits, label)
