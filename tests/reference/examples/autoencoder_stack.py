"""The twin of examples/autoencoder_stack.wnet."""

import torch
import torch.nn.functional as F
from torch import nn


class AutoencoderStack(nn.Module):
    def __init__(self, sizes=(784, 256, 64, 16)):
        super().__init__()
        self.enc = nn.ModuleList([nn.Linear(i, o) for i, o in zip(sizes, sizes[1:])])
        self.dec_bias = nn.ParameterList([nn.Parameter(torch.empty(i)) for i in sizes[-2::-1]])
        for bias, layer in zip(self.dec_bias, reversed(self.enc)):
            bound = layer.out_features**-0.5
            nn.init.uniform_(bias, -bound, bound)

    def forward(self, x):
        code = x
        for layer in self.enc:
            code = torch.sigmoid(layer(code))
        y = code
        for layer, bias in zip(reversed(self.enc), self.dec_bias):
            y = torch.sigmoid(F.linear(y, layer.weight.T, bias))
        return y, code, F.mse_loss(y, x)
