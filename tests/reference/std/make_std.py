"""Writes what PyTorch gives for the models beside this script, which use the blocks of the standard library: NAME.npz for
NAME.wnet, with `MODEL.` before each name as `../ops/reference.py` says, and `MODEL_train.` for calls in train mode.

    Debian: python3-torch (1.13), and expecttest
    python3 tests/reference/std/make_std.py

A module here is written from the parts of `torch.nn` as the block is from those of wnet; a model with `layer f = …` has
the weights of the module under `f.`. What has a weight twice is a module that has it once and uses it twice.
"""

import pathlib
import sys
import zlib

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.stateless import functional_call

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "ops"))
from reference import BUFFERS, bools, ints, normal, positive, values  # noqa: E402

FILES = {}


def model(file, name, module, modes=("eval",), f64=(), **inputs):
    """A model and the module that it equals; its operands are drawn in this order. In the modes `f64` single precision is
    left out, because a gradient is nothing but what rounding leaves of terms that cancel."""
    # The draws of the weights replace what modules begin with, so that nothing is 0 or 1 everywhere.
    weights = {}
    for key, value in module.double().state_dict().items():
        if not key.endswith("num_batches_tracked"):
            weights[key] = positive(*value.shape) if key.endswith("var") else normal(*value.shape, scale=0.5)

    for mode in modes:
        case = f"{name}_train" if mode == "train" else name

        def function(x, w, mode=mode):
            module.train(mode == "train")
            result = functional_call(module, w, tuple(x.values()))
            return result if isinstance(result, dict) else {"output": result}

        FILES.setdefault(file, {})[case] = (None, inputs, weights, function, mode, set(), mode in f64)


class F_(nn.Module):
    """A model whose only layer is `f`."""

    def __init__(self, f):
        super().__init__()
        self.f = f

    def forward(self, *x):
        return self.f(*x)


def single(file, name, f, modes=("eval",), f64=(), **inputs):
    model(file, name, F_(f), modes, f64, **inputs)


BOTH = ("eval", "train")


class Residual(nn.Module):
    """x + inner(norm(x)), either of which may be missing."""

    def __init__(self, inner, norm=None, name="inner"):
        super().__init__()
        self.name = name
        self.add_module(name, inner)
        self.norm = norm

    def forward(self, x):
        return x + getattr(self, self.name)(self.norm(x) if self.norm else x)


# activation


class Activations(nn.Module):
    def forward(self, x):
        functions = {"a": F.relu, "b": F.gelu, "c": F.silu, "d": torch.tanh, "e": torch.sigmoid}
        return {name: function(x) for name, function in functions.items()}


model("activation", "Activations", Activations(), x=normal(4, 3))

# residual


class PostNorm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm = nn.LayerNorm(dim)

    def forward(self, x, f):
        return self.norm(x + f)


class ReZero(nn.Module):
    def __init__(self):
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(()))

    def forward(self, x, f):
        return x + self.alpha * f


class LayerScale(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dim))

    def forward(self, x, f):
        return x + self.gamma * f


class Joined(nn.Module):
    """A linear map and what joins its result to its input."""

    def __init__(self, f, dim):
        super().__init__()
        self.inner = nn.Linear(dim, dim)
        self.f = f

    def forward(self, x):
        return self.f(x, self.inner(x))


class ReZeros(nn.Module):
    def __init__(self, dim, n):
        super().__init__()
        self.inner = nn.ModuleList(nn.Linear(dim, dim) for _ in range(n))
        self.f = nn.ModuleList(ReZero() for _ in range(n))

    def forward(self, x):
        for inner, f in zip(self.inner, self.f):
            x = f(x, torch.tanh(inner(x)))
        return {"x": x}


single("residual", "Plain", Residual(nn.Linear(4, 4)), x=normal(3, 4))
single("residual", "PreNorm", Residual(nn.Linear(4, 4), nn.LayerNorm(4)), x=normal(2, 3, 4))
model("residual", "PostNorms", Joined(PostNorm(4), 4), x=normal(3, 4))
model("residual", "ReZeros", ReZeros(4, 2), x=normal(3, 4))
model("residual", "LayerScales", Joined(LayerScale(4), 4), x=normal(3, 4))

# mlp


class Mlp(nn.Module):
    def __init__(self, dim, hidden, out, activation=F.gelu, bias=True):
        super().__init__()
        self.fc1 = nn.Linear(dim, hidden, bias)
        self.fc2 = nn.Linear(hidden, out, bias)
        self.activation = activation

    def forward(self, x):
        return self.fc2(self.activation(self.fc1(x)))


class DeepMlp(nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(i, o) for i, o in zip(sizes, sizes[1:]))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.relu(layer(x))
        return self.layers[-1](x)


single("mlp", "Mlp", Mlp(3, 12, 3), x=normal(4, 3))
single("mlp", "MlpOptions", Mlp(3, 5, 2, F.silu, bias=False), x=normal(2, 3, 3))
single("mlp", "Deep", DeepMlp(6, 5, 4, 3), x=normal(4, 6))
single("mlp", "Residual", Residual(Mlp(4, 6, 4), nn.LayerNorm(4), "mlp"), x=normal(2, 3, 4))

# gated


class Gated(nn.Module):
    def __init__(self, activation, dim, hidden, bias=False):
        super().__init__()
        self.gate_proj = nn.Linear(dim, hidden, bias)
        self.up_proj = nn.Linear(dim, hidden, bias)
        self.down_proj = nn.Linear(hidden, dim, bias)
        self.activation = activation

    def forward(self, x):
        return self.down_proj(self.activation(self.gate_proj(x)) * self.up_proj(x))


class Highway(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.transform = nn.Linear(dim, dim)
        self.gate = nn.Linear(dim, dim)

    def forward(self, x):
        t = torch.sigmoid(self.gate(x))
        return t * F.relu(self.transform(x)) + (1 - t) * x


single("gated", "Glu", Gated(torch.sigmoid, 3, 12), x=normal(4, 3))
single("gated", "GeGlu", Gated(F.gelu, 3, 5, bias=True), x=normal(2, 3, 3))
single("gated", "SwiGlu", Gated(F.silu, 3, 5), x=normal(2, 3, 3))
single("gated", "Highways", nn.Sequential(Highway(4), Highway(4)), x=normal(4, 4))

# attention


def attend(q, k, v, mask, dropout):
    """[..., head, L, E], [..., head, S, E], [..., head, S, E] -> [..., head, L, E]; `mask` is true where a key is seen."""
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return dropout(torch.softmax(scores, -1)) @ v


def causal(n):
    return torch.ones(n, n, dtype=torch.bool).tril()


def rotate(x, base):
    """[..., seq, 2 n] -> [..., seq, 2 n]: pairs i and i + n are rotated by seq base^(-i / n)."""
    seq, half = x.shape[-2], x.shape[-1] // 2
    angles = torch.outer(torch.arange(seq).double(), base ** (-torch.arange(half).double() / half))
    cos, sin = angles.cos(), angles.sin()
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)


class Attention(nn.Module):
    """`out` names the last map; other heads of keys and values than of queries are repeated."""

    def __init__(
        self,
        dim,
        heads,
        kv_heads=None,
        head_dim=None,
        kdim=None,
        bias=True,
        is_causal=False,
        base=None,
        out="out_proj",
        dropout=0.0,
    ):
        super().__init__()
        self.heads, self.kv_heads = heads, kv_heads or heads
        head_dim, kdim = head_dim or dim // heads, kdim or dim
        self.q_proj = nn.Linear(dim, heads * head_dim, bias)
        self.k_proj = nn.Linear(kdim, self.kv_heads * head_dim, bias)
        self.v_proj = nn.Linear(kdim, self.kv_heads * head_dim, bias)
        self.add_module(out, nn.Linear(heads * head_dim, dim, bias))
        self.is_causal, self.base, self.out = is_causal, base, out
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, other=None, mask=None):
        source = x if other is None else other
        q = self.q_proj(x).unflatten(-1, (self.heads, -1)).transpose(-3, -2)
        k = self.k_proj(source).unflatten(-1, (self.kv_heads, -1)).transpose(-3, -2)
        v = self.v_proj(source).unflatten(-1, (self.kv_heads, -1)).transpose(-3, -2)
        if self.base:
            q, k = rotate(q, self.base), rotate(k, self.base)
        k, v = (one.repeat_interleave(self.heads // self.kv_heads, -3) for one in (k, v))
        y = attend(q, k, v, causal(x.shape[-2]) if self.is_causal else mask, self.dropout)
        return getattr(self, self.out)(y.transpose(-3, -2).flatten(-2))


class Masked(nn.Module):
    def __init__(self, residual=False, **options):
        super().__init__()
        self.f = Attention(8, 2, bias=False, **options)
        self.residual = residual

    def forward(self, x, mask):
        y = self.f(x, mask=mask)
        return x + y if self.residual else y


def seen(n):
    """A mask in which every position sees itself."""
    return lambda rng: rng.integers(0, 2, (n, n)).astype(bool) | np.eye(n, dtype=bool)


GROUPED = {"bias": False, "out": "o_proj"}
# A bias of all keys changes no weight, so its gradient is 0.
single("attention", "Self", Attention(8, 2), f64=("eval",), x=normal(2, 3, 8))
single("attention", "Causal", Attention(8, 4, bias=False, is_causal=True), x=normal(4, 8))
model("attention", "Masked", Masked(), x=normal(2, 4, 8), mask=seen(4))
single("attention", "Cross", Attention(8, 2, kdim=6, bias=False), x=normal(2, 3, 8), memory=normal(2, 4, 6))
single("attention", "GroupedQuery", Attention(8, 4, 2, **GROUPED), x=normal(2, 3, 8))
multi = Attention(8, 4, 1, head_dim=6, is_causal=True, base=100.0, out="o_proj")
single("attention", "MultiQuery", multi, x=normal(2, 4, 8))
# Training drops every weight.
ALL = {"dropout": 1.0}


def with_input(f):
    return Residual(f, name="f")


model("attention", "SelfDropped", with_input(Attention(8, 2, bias=False, **ALL)), BOTH, x=normal(2, 3, 8))
single("attention", "CausalDropped", Attention(8, 2, is_causal=True, **ALL), BOTH, BOTH, x=normal(2, 3, 8))
model("attention", "MaskedDropped", Masked(True, **ALL), BOTH, x=normal(2, 4, 8), mask=seen(4))
single("attention", "CrossDropped", Attention(8, 2, **ALL), BOTH, BOTH, x=normal(2, 3, 8), memory=normal(2, 4, 8))
model("attention", "GroupedQueryDropped", with_input(Attention(8, 4, 2, **GROUPED, **ALL)), BOTH, x=normal(2, 3, 8))

# transformer


class Called(nn.Module):
    """A module of `torch.nn` with other arguments that depend on the first operand's length."""

    def __init__(self, f, arguments):
        super().__init__()
        self.f = f
        self.arguments = arguments

    def forward(self, *x):
        return self.f(*x, **self.arguments(*x))


def hidden(x):
    """PyTorch's causal mask, which is true where a key is not seen."""
    return ~causal(x.shape[1])


class Padded(nn.Module):
    def __init__(self, f):
        super().__init__()
        self.f = f

    def forward(self, src, padding):
        return self.f(src, src_key_padding_mask=padding)


def tail(n, length):
    """A mask that is true behind the end of each sequence, the first of which is whole."""
    ends = [length - (index % length) for index in range(n)]
    return lambda rng: np.arange(length) >= np.array(ends)[:, None]


class RMSNorm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        return x / (x.square().mean(-1, keepdim=True) + 1e-6).sqrt() * self.weight


class Llama(nn.Module):
    def __init__(self, dropout=0.0):
        super().__init__()
        self.input_layernorm = RMSNorm(8)
        self.self_attn = Attention(8, 4, 2, is_causal=True, base=1e4, dropout=dropout, **GROUPED)
        self.post_attention_layernorm = RMSNorm(8)
        self.mlp = Gated(F.silu, 8, 10)

    def forward(self, x):
        x = x + self.self_attn(self.input_layernorm(x))
        return x + self.mlp(self.post_attention_layernorm(x))


def encoder_layer(hidden=12, **options):
    return nn.TransformerEncoderLayer(8, 2, hidden, batch_first=True, **options)


def decoder_layer(**options):
    return nn.TransformerDecoderLayer(8, 2, 12, batch_first=True, **options)


def pre_norm_encoder():
    return nn.TransformerEncoder(encoder_layer(norm_first=True), 2, nn.LayerNorm(8))


SRC, TGT = normal(2, 3, 8), normal(2, 4, 8)
PRE = {"activation": F.gelu, "norm_first": True}
single("transformer", "EncoderLayer", encoder_layer(), src=SRC)
pre = encoder_layer(layer_norm_eps=1e-4, **PRE)
model("transformer", "EncoderLayerPreNorm", Called(pre, lambda x: {"src_mask": hidden(x)}), src=SRC)
model("transformer", "EncoderLayerPadded", Padded(encoder_layer()), src=SRC, padding=tail(2, 3))
single("transformer", "Encoder", nn.TransformerEncoder(encoder_layer(), 2), src=SRC)
single("transformer", "EncoderPreNorm", pre_norm_encoder(), src=SRC)
model("transformer", "DecoderLayer", Called(decoder_layer(), lambda t, m: {"tgt_mask": hidden(t)}), tgt=TGT, memory=SRC)
single("transformer", "DecoderLayerPreNorm", decoder_layer(**PRE), tgt=TGT, memory=SRC)
pre = nn.TransformerDecoder(decoder_layer(norm_first=True), 2, nn.LayerNorm(8))
model("transformer", "Decoder", Called(pre, lambda t, m: {"tgt_mask": hidden(t)}), tgt=TGT, memory=SRC)
whole = nn.Transformer(8, 2, 2, 1, 12, batch_first=True)
model("transformer", "Whole", Called(whole, lambda s, t: {"tgt_mask": hidden(t)}), src=SRC, tgt=TGT)
single("transformer", "Llama", Llama(), x=normal(2, 4, 8))
model("transformer", "EncoderPadded", Padded(pre_norm_encoder()), src=SRC, padding=tail(2, 3))
single("transformer", "EncoderLayerDropped", encoder_layer(dropout=1.0), ("train",), src=SRC)
single("transformer", "DecoderLayerDropped", decoder_layer(dropout=1.0, norm_first=True), ("train",), tgt=TGT, memory=SRC)
single("transformer", "LlamaDropped", Llama(1.0), BOTH, x=normal(2, 4, 8))

# shared


class Repeated(nn.Module):
    """`times` steps with each of the layers."""

    def __init__(self, times, *groups):
        super().__init__()
        self.groups = nn.ModuleList(groups)
        self.times = times

    def forward(self, x):
        for group in self.groups:
            for _ in range(self.times):
                x = group(x)
        return x


def sinusoids(n, dim):
    angles = torch.outer(torch.arange(n).double(), 1e4 ** (-torch.arange(0, dim, 2).double() / dim))
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(1)


class UniversalStep(nn.Module):
    def __init__(self, **options):
        super().__init__()
        self.block = encoder_layer(**options)

    def forward(self, x, time):
        return self.block(x + sinusoids(x.shape[1], x.shape[2]) + time)


class Universal(nn.Module):
    def __init__(self, n, **options):
        super().__init__()
        self.step = UniversalStep(**options)
        self.n = n

    def forward(self, x):
        for time in sinusoids(self.n, x.shape[2]):
            x = self.step(x, time)
        return x


ALBERT = {"activation": F.gelu, "layer_norm_eps": 1e-12}
single("shared", "Albert", Repeated(3, encoder_layer(**ALBERT)), x=SRC)
groups = [encoder_layer(32, norm_first=True, **ALBERT) for _ in range(2)]
single("shared", "AlbertGroups", Repeated(2, *groups), x=SRC)
single("shared", "Step", UniversalStep(), x=SRC, time=normal(8))
single("shared", "Universal", Universal(3, activation=F.gelu), x=SRC)

# resnet


class Basic(nn.Module):
    def __init__(self, inplanes, planes, stride=1, projection=False):
        super().__init__()
        self.conv1 = nn.Conv2d(inplanes, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        shortcut = [nn.Conv2d(inplanes, planes, 1, stride, bias=False), nn.BatchNorm2d(planes)]
        self.downsample = nn.Sequential(*shortcut) if projection else None

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (self.downsample(x) if self.downsample else x))


class Bottleneck(nn.Module):
    def __init__(self, inplanes, planes, stride=1, projection=False, groups=1, base_width=64):
        super().__init__()
        width = int(planes * (base_width / 64.0)) * groups
        self.conv1 = nn.Conv2d(inplanes, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, groups=groups, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * planes, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * planes)
        shortcut = [nn.Conv2d(inplanes, 4 * planes, 1, stride, bias=False), nn.BatchNorm2d(4 * planes)]
        self.downsample = nn.Sequential(*shortcut) if projection else None

    def forward(self, x):
        y = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        return F.relu(self.bn3(self.conv3(y)) + (self.downsample(x) if self.downsample else x))


single("resnet", "Basic", Basic(3, 3), BOTH, x=normal(2, 3, 4, 5))
single("resnet", "BasicStride", Basic(3, 4, 2, projection=True), BOTH, x=normal(2, 3, 4, 5))
single("resnet", "Bottlenecks", Bottleneck(8, 2), BOTH, x=normal(2, 8, 3, 4))
resnext = Bottleneck(6, 4, 2, projection=True, groups=2, base_width=32)
single("resnet", "ResNeXt", resnext, BOTH, x=normal(2, 6, 4, 5))

# convolution


class Squeeze(nn.Module):
    def __init__(self, channels, squeezed, activation=F.relu):
        super().__init__()
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)
        self.activation = activation

    def forward(self, x):
        return x * torch.sigmoid(self.fc2(self.activation(self.fc1(F.adaptive_avg_pool2d(x, 1)))))


class Inverted(nn.Module):
    def __init__(self, i, o, kernel=3, stride=1, ratio=6, residual=False, activation=F.relu6, squeeze=None):
        super().__init__()
        h = ratio * i
        self.expand = nn.Conv2d(i, h, 1, bias=False) if ratio != 1 else None
        self.expand_norm = nn.BatchNorm2d(h) if ratio != 1 else None
        self.depthwise = nn.Conv2d(h, h, kernel, stride, kernel // 2, groups=h, bias=False)
        self.depthwise_norm = nn.BatchNorm2d(h)
        self.squeeze = Squeeze(h, squeeze, activation) if squeeze else None
        self.project = nn.Conv2d(h, o, 1, bias=False)
        self.project_norm = nn.BatchNorm2d(o)
        self.activation, self.residual = activation, residual

    def forward(self, x):
        h = self.activation(self.expand_norm(self.expand(x))) if self.expand else x
        h = self.activation(self.depthwise_norm(self.depthwise(h)))
        h = self.project_norm(self.project(self.squeeze(h) if self.squeeze else h))
        return x + h if self.residual else h


class ConvNeXt(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dim))
        self.dwconv = nn.Conv2d(dim, dim, 7, padding=3, groups=dim)
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.pwconv1 = nn.Linear(dim, 4 * dim)
        self.pwconv2 = nn.Linear(4 * dim, dim)

    def forward(self, x):
        h = self.norm(self.dwconv(x).movedim(1, -1))
        return x + (self.gamma * self.pwconv2(F.gelu(self.pwconv1(h)))).movedim(-1, 1)


class Dense(nn.Module):
    def __init__(self, i, growth, size=4):
        super().__init__()
        self.norm1 = nn.BatchNorm2d(i)
        self.conv1 = nn.Conv2d(i, size * growth, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(size * growth)
        self.conv2 = nn.Conv2d(size * growth, growth, 3, padding=1, bias=False)

    def forward(self, x):
        return self.conv2(F.relu(self.norm2(self.conv1(F.relu(self.norm1(x))))))


class DenseThree(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(Dense(3 + 2 * index, 2) for index in range(3))

    def forward(self, x):
        for layer in self.layers:
            x = torch.cat([x, layer(x)], 1)
        return x


class Temporal(nn.Module):
    def __init__(self, i, o, kernel=2, dilation=1, projection=False):
        super().__init__()
        # Padded on both sides, the result is cut behind.
        self.conv1 = nn.Conv1d(i, o, kernel, dilation=dilation, padding=(kernel - 1) * dilation)
        self.conv2 = nn.Conv1d(o, o, kernel, dilation=dilation, padding=(kernel - 1) * dilation)
        self.downsample = nn.Conv1d(i, o, 1) if projection else None

    def forward(self, x):
        n = x.shape[-1]
        h = F.relu(self.conv2(F.relu(self.conv1(x)[..., :n]))[..., :n])
        return F.relu(h + (self.downsample(x) if self.downsample else x))


IMAGE = normal(2, 3, 4, 5)
single("convolution", "Squeeze", Squeeze(6, 2), x=normal(2, 6, 3, 4))
single("convolution", "Inverted", Inverted(3, 3, ratio=2, residual=True), BOTH, x=IMAGE)
single("convolution", "InvertedStride", Inverted(3, 5, stride=2, ratio=1), BOTH, x=IMAGE)
mobile = {"activation": F.silu, "squeeze": 1}
single("convolution", "MobileStride", Inverted(4, 3, 5, 2, 2, **mobile), BOTH, x=normal(2, 4, 4, 5))
single("convolution", "Mobile", Inverted(4, 4, ratio=1, residual=True, **mobile), BOTH, x=normal(2, 4, 3, 4))
single("convolution", "ConvNeXt", ConvNeXt(3), x=IMAGE)
single("convolution", "Dense", Dense(3, 2, 2), BOTH, x=IMAGE)
# A batch norm undoes most of what the scale of the first norm does.
single("convolution", "DenseThree", DenseThree(), BOTH, f64=("train",), x=IMAGE)
single("convolution", "Temporal", Temporal(3, 3), x=normal(2, 3, 6))
single("convolution", "TemporalDilated", Temporal(3, 4, 3, 2, projection=True), x=normal(2, 3, 7))

# unet


class Double(nn.Module):
    def __init__(self, i, o, mid=None):
        super().__init__()
        self.conv1 = nn.Conv2d(i, mid or o, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(mid or o)
        self.conv2 = nn.Conv2d(mid or o, o, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(o)

    def forward(self, x):
        return F.relu(self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))))


class Down(nn.Module):
    def __init__(self, i):
        super().__init__()
        self.conv = Double(i, 2 * i)

    def forward(self, x):
        return self.conv(F.max_pool2d(x, 2))


class Up(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.up = nn.ConvTranspose2d(i, o, 2, 2)
        self.conv = Double(2 * o, o)

    def forward(self, x, skip):
        return self.conv(torch.cat([skip, self.up(x)], 1))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = Double(1, 2)
        self.down = nn.ModuleList([Down(2), Down(4)])
        self.up = nn.ModuleList([Up(8, 4), Up(4, 2)])
        self.last = nn.Conv2d(2, 2, 1)

    def forward(self, x):
        a = self.first(x)
        b = self.down[0](a)
        return self.last(self.up[1](self.up[0](self.down[1](b), b), a))


single("unet", "Double", Double(2, 3, 4), BOTH, x=normal(2, 2, 3, 4))
single("unet", "Down", Down(2), BOTH, x=normal(2, 2, 4, 6))
single("unet", "Up", Up(4, 2), BOTH, x=normal(2, 4, 2, 3), skip=normal(2, 2, 4, 6))
single("unet", "Whole", UNet(), BOTH, x=normal(2, 1, 8, 4))

# vision


class Patches(nn.Module):
    def __init__(self, size, i, o):
        super().__init__()
        self.proj = nn.Conv2d(i, o, size, size)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class Vit(nn.Module):
    def __init__(self):
        super().__init__()
        self.class_token = nn.Parameter(torch.zeros(1, 1, 8))
        self.pos_embedding = nn.Parameter(torch.zeros(1, 5, 8))
        self.patches = Patches(2, 2, 8)
        layer = encoder_layer(10, layer_norm_eps=1e-6, **PRE)
        self.encoder = nn.TransformerEncoder(layer, 2, nn.LayerNorm(8, eps=1e-6))
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        tokens = torch.cat([self.class_token.expand(x.shape[0], 1, 8), self.patches(x)], 1)
        return self.head(self.encoder(tokens + self.pos_embedding)[:, 0])


single("vision", "Patches", Patches(2, 3, 4), image=normal(2, 3, 4, 6))
single("vision", "Vit", Vit(), image=normal(2, 2, 4, 4))

# siamese


class Head(nn.Module):
    def __init__(self, score=False):
        super().__init__()
        self.embed = nn.Linear(5, 3)
        self.score = nn.Linear(3, 1) if score else None


class SiameseHead(Head):
    def forward(self, a, b):
        distance = (torch.sigmoid(self.embed(a)) - torch.sigmoid(self.embed(b))).abs()
        return torch.sigmoid(self.score(distance)[:, 0])


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(4, 5)
        self.f = SiameseHead(score=True)

    def forward(self, a, b):
        return self.f(F.relu(self.encoder(a)), F.relu(self.encoder(b)))


class Contrastive(Head):
    def forward(self, a, b):
        return F.pairwise_distance(self.embed(a), self.embed(b))


class Triplet(Head):
    def forward(self, a, p, n):
        return {name: F.normalize(self.embed(x), dim=-1) for name, x in [("a", a), ("p", p), ("n", n)]}


FIVE = normal(4, 5)
model("siamese", "Siamese", Siamese(), a=normal(4, 4), b=normal(4, 4))
single("siamese", "Contrastive", Contrastive(), a=FIVE, b=FIVE)
single("siamese", "Triplet", Triplet(), anchor=FIVE, positive=FIVE, negative=FIVE)

# autoencoder


class Bias(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(size))


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(6, 3)
        self.decoder = Bias(6)

    def forward(self, x):
        code = torch.sigmoid(self.encoder(x))
        return {"reconstruction": F.linear(code, self.encoder.weight.T, self.decoder.bias), "code": code}


class DeepTied(nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        self.encoder = nn.ModuleList(nn.Linear(i, o) for i, o in zip(sizes, sizes[1:]))
        self.decoder = nn.ModuleList(Bias(size) for size in sizes[-2::-1])

    def forward(self, x):
        for encoder in self.encoder:
            x = torch.tanh(encoder(x))
        code = x
        for index, (encoder, decoder) in enumerate(zip(reversed(self.encoder), self.decoder)):
            x = F.linear(x, encoder.weight.T, decoder.bias)
            x = torch.tanh(x) if index + 1 < len(self.decoder) else x
        return {"reconstruction": x, "code": code}


single("autoencoder", "Tied", Tied(), x=normal(4, 6))
single("autoencoder", "DeepTied", DeepTied(6, 5, 4, 2), x=normal(4, 6))

# language


class Tokens(nn.Module):
    def __init__(self, vocab, dim, length):
        super().__init__()
        self.token = nn.Embedding(vocab, dim)
        self.position = nn.Embedding(length, dim)

    def forward(self, tokens):
        return self.token(tokens) + self.position(torch.arange(tokens.shape[1]))


class Factorized(nn.Module):
    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(7, 2)
        self.project = nn.Linear(2, 4)

    def forward(self, tokens):
        return self.project(self.token(tokens))


class MaskedHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(4, 4)
        self.norm = nn.LayerNorm(4, eps=1e-12)
        self.decoder = Bias(7)

    def forward(self, x, table):
        return F.linear(self.norm(F.gelu(self.dense(x))), table, self.decoder.bias)


class MaskedModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(7, 4)
        self.f = MaskedHead()

    def forward(self, tokens):
        return self.f(self.embed(tokens), self.embed.weight)


class TiedModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = Tokens(7, 8, 6)
        self.decoder = nn.TransformerEncoder(encoder_layer(10, **PRE), 2, nn.LayerNorm(8))

    def forward(self, tokens):
        h = self.embed(tokens)
        return F.linear(self.decoder(h, hidden(h)), self.embed.token.weight)


TOKENS = ints(7, 2, 5)
single("language", "Embed", Tokens(7, 4, 6), tokens=TOKENS)
single("language", "Factorized", Factorized(), tokens=TOKENS)
model("language", "Masked", MaskedModel(), tokens=TOKENS)
single("language", "Tied", TiedModel(), tokens=TOKENS)

# experts


class Mixture(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(4, 3)
        self.experts = nn.ModuleList(Mlp(4, 5, 4) for _ in range(3))

    def forward(self, x):
        made = torch.stack([expert(x) for expert in self.experts], -1)
        return (made * torch.softmax(self.gate(x), -1).unsqueeze(-2)).sum(-1)


class Soft(nn.Module):
    def __init__(self):
        super().__init__()
        self.phi = nn.Parameter(torch.zeros(4, 6))
        self.experts = nn.ModuleList(Mlp(4, 5, 4, F.relu) for _ in range(3))

    def forward(self, x):
        logits = torch.einsum("bsd,dk->bsk", x, self.phi)
        slots = torch.einsum("bsk,bsd->bkd", logits.softmax(1), x)
        made = torch.cat([expert(part) for expert, part in zip(self.experts, slots.chunk(3, 1))], 1)
        return torch.einsum("bsk,bkd->bsd", logits.softmax(2), made)


single("experts", "Mixture", Mixture(), x=normal(2, 3, 4))
single("experts", "Soft", Soft(), x=normal(2, 3, 4))


def write():
    for file, cases in FILES.items():
        rng = np.random.default_rng(zlib.crc32(file.encode()))
        arrays = {}
        for name, one in cases.items():
            arrays |= {f"{name}.{key}": value for key, value in values(one, rng).items()}
        np.savez_compressed(HERE / f"{file}.npz", **arrays)
        print(f"{file}: {len(cases)} cases")


write()
