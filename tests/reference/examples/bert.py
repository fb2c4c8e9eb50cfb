"""The twin of examples/bert.wnet."""

import torch
import torch.nn.functional as F
from torch import nn


class MaskedLMHead(nn.Module):
    def __init__(self, d, vocab):
        super().__init__()
        self.dense = nn.Linear(d, d)
        self.norm = nn.LayerNorm(d, 1e-12)
        self.decoder = nn.Linear(d, vocab)

    def forward(self, x):
        return self.decoder(self.norm(F.gelu(self.dense(x))))


class BERT(nn.Module):
    def __init__(self, vocab=1000, context=64, d=64, n=2, heads=4):
        super().__init__()
        self.word = nn.Embedding(vocab, d)
        self.position = nn.Embedding(context, d)
        self.segment = nn.Embedding(2, d)
        self.norm = nn.LayerNorm(d, 1e-12)
        self.drop = nn.Dropout(0.1)
        layer = nn.TransformerEncoderLayer(
            d, heads, 4 * d, dropout=0.1, activation="gelu", layer_norm_eps=1e-12, batch_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, n, enable_nested_tensor=False)
        self.head = MaskedLMHead(d, vocab)
        self.head.decoder.weight = self.word.weight
        for table in [self.word, self.position, self.segment]:
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, tokens, segments, padding, targets):
        h = self.word(tokens) + self.position(torch.arange(tokens.shape[1])) + self.segment(segments)
        h = self.encoder(self.drop(self.norm(h)), src_key_padding_mask=padding)
        logits = self.head(h)
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())
