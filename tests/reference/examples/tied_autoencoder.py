"""The twin of examples/tied_autoencoder.wnet."""

import torch
import torch.nn.functional as F
from torch import nn


class TiedAutoencoder(nn.Module):
    def __init__(self, features=64, code=16):
        super().__init__()
        self.enc = nn.Linear(features, code)
        self.dec_bias = nn.Parameter(torch.empty(features))
        nn.init.uniform_(self.dec_bias, -(code**-0.5), code**-0.5)

    def forward(self, x):
        hidden = torch.tanh(self.enc(x))
        y = torch.sigmoid(F.linear(hidden, self.enc.weight.T, self.dec_bias))
        return y, hidden, F.mse_loss(y, x)
