"""The twin of examples/bert.wnet."""

import torch
import torch.nn.functional as F
from torch import nn


class BERT(nn.Module):
    def __init__(self, vocab=1000, context=64, d=64, n=2, heads=4):
        super().__init__()
        self.word = nn.Embedding(vocab, d)
        self.position = nn.Embedding(context, d)
        self.segment = nn.Embedding(2, d)
        self.norm = nn.LayerNorm(d)
        self.layers = nn.ModuleList(
            [
                nn.TransformerEncoderLayer(d, heads, 4 * d, dropout=0.0, activation="gelu", batch_first=True)
                for _ in range(n)
            ]
        )
        self.transform = nn.Sequential(nn.Linear(d, d), nn.GELU(), nn.LayerNorm(d))
        self.decoder = nn.Linear(d, vocab)
        self.decoder.weight = self.word.weight
        for table in [self.word, self.position, self.segment]:
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, tokens, segments, padding, targets):
        h = self.word(tokens) + self.position(torch.arange(tokens.shape[1])) + self.segment(segments)
        h = self.norm(h)
        for layer in self.layers:
            h = layer(h, src_key_padding_mask=padding)
        logits = self.decoder(self.transform(h))
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())
