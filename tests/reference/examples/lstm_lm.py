"""The twin of examples/lstm_lm.wnet."""

import torch.nn.functional as F
from torch import nn


class LstmLM(nn.Module):
    def __init__(self, vocab=1000, d=64, n=2):
        super().__init__()
        self.embed = nn.Embedding(vocab, d)
        self.drop = nn.Dropout(0.2)
        self.lstm = nn.LSTM(d, d, n, dropout=0.2, batch_first=True)
        self.head = nn.Linear(d, vocab)
        self.head.weight = self.embed.weight
        nn.init.uniform_(self.embed.weight, -0.1, 0.1)
        nn.init.zeros_(self.head.bias)

    def forward(self, tokens, targets):
        h, _ = self.lstm(self.drop(self.embed(tokens)))
        logits = self.head(self.drop(h))
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())
