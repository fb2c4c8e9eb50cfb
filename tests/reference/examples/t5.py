"""The twin of examples/t5.wnet."""

import math

import torch
import torch.nn.functional as F
from torch import nn


class RelativeBias(nn.Module):
    def __init__(self, heads, causal, buckets=32, farthest=128):
        super().__init__()
        self.causal = causal
        self.n = buckets if causal else buckets // 2
        self.farthest = farthest
        self.table = nn.Embedding(buckets, heads)

    def forward(self, x):
        places = torch.arange(x.shape[1])
        exact = self.n // 2
        ahead = places - places[:, None]
        distance = (-ahead).clamp(min=0) if self.causal else ahead.abs()
        far = torch.log(distance.clamp(min=exact) / exact) / math.log(self.farthest / exact) * (self.n - exact)
        bucket = torch.where(distance < exact, distance, (exact + far.long()).clamp(max=self.n - 1))
        if self.causal:
            return self.table(bucket).permute(2, 0, 1).masked_fill(ahead > 0, -1e9)
        return self.table(bucket + self.n * (ahead > 0)).permute(2, 0, 1)


class Attention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.q = nn.Linear(d, d, bias=False)
        self.k = nn.Linear(d, d, bias=False)
        self.v = nn.Linear(d, d, bias=False)
        self.o = nn.Linear(d, d, bias=False)

    def split(self, x):
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, x, context, bias=None):
        q, k, v = self.split(self.q(x)), self.split(self.k(context)), self.split(self.v(context))
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=1.0)
        return self.o(y.transpose(1, 2).flatten(2))


class Encoder(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.norm1 = nn.RMSNorm(d, eps=1e-6)
        self.attn = Attention(d, heads)
        self.norm2 = nn.RMSNorm(d, eps=1e-6)
        self.ffn = nn.Sequential(nn.Linear(d, 4 * d, bias=False), nn.ReLU(), nn.Linear(4 * d, d, bias=False))

    def forward(self, x, bias):
        h = self.norm1(x)
        x = x + self.attn(h, h, bias)
        return x + self.ffn(self.norm2(x))


class Decoder(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.norm1 = nn.RMSNorm(d, eps=1e-6)
        self.attn = Attention(d, heads)
        self.norm2 = nn.RMSNorm(d, eps=1e-6)
        self.cross = Attention(d, heads)
        self.norm3 = nn.RMSNorm(d, eps=1e-6)
        self.ffn = nn.Sequential(nn.Linear(d, 4 * d, bias=False), nn.ReLU(), nn.Linear(4 * d, d, bias=False))

    def forward(self, x, context, bias):
        h = self.norm1(x)
        x = x + self.attn(h, h, bias)
        x = x + self.cross(self.norm2(x), context)
        return x + self.ffn(self.norm3(x))


class T5(nn.Module):
    def __init__(self, vocab=1000, d=64, n=2, heads=4):
        super().__init__()
        self.d = d
        self.embed_source = nn.Embedding(vocab, d)
        self.embed_target = nn.Embedding(vocab, d)
        self.bias_source = RelativeBias(heads, causal=False)
        self.bias_target = RelativeBias(heads, causal=True)
        self.encoder = nn.ModuleList([Encoder(d, heads) for _ in range(n)])
        self.encoder_norm = nn.RMSNorm(d, eps=1e-6)
        self.decoder = nn.ModuleList([Decoder(d, heads) for _ in range(n)])
        self.decoder_norm = nn.RMSNorm(d, eps=1e-6)
        self.head = nn.Linear(d, vocab, bias=False)
        self.embed_target.weight = self.embed_source.weight
        self.head.weight = self.embed_source.weight
        nn.init.normal_(self.embed_source.weight, std=0.05)

    def forward(self, source, tokens, targets):
        context = self.embed_source(source)
        bias = self.bias_source(context)
        for layer in self.encoder:
            context = layer(context, bias)
        context = self.encoder_norm(context)
        h = self.embed_target(tokens)
        bias = self.bias_target(h)
        for layer in self.decoder:
            h = layer(h, context, bias)
        logits = self.head(self.decoder_norm(h) / self.d**0.5)
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())
