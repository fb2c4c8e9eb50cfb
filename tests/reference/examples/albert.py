"""The twin of examples/albert.wnet."""

import torch
import torch.nn.functional as F
from torch import nn


class ALBERT(nn.Module):
    def __init__(self, vocab=1000, context=64, e=16, d=64, n=4, heads=4):
        super().__init__()
        self.n = n
        self.word = nn.Embedding(vocab, e)
        self.position = nn.Embedding(context, e)
        self.segment = nn.Embedding(2, e)
        self.norm = nn.LayerNorm(e)
        self.widen = nn.Linear(e, d)
        self.encoder = nn.TransformerEncoderLayer(
            d, heads, 4 * d, dropout=0.0, activation="gelu", batch_first=True
        )
        self.transform = nn.Sequential(nn.Linear(d, e), nn.GELU(), nn.LayerNorm(e))
        self.decoder = nn.Linear(e, vocab)
        self.decoder.weight = self.word.weight
        for table in [self.word, self.position, self.segment]:
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, tokens, segments, targets):
        h = self.word(tokens) + self.position(torch.arange(tokens.shape[1])) + self.segment(segments)
        h = self.widen(self.norm(h))
        for _ in range(self.n):
            h = self.encoder(h)
        logits = self.decoder(self.transform(h))
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())
