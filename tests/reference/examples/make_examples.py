"""Writes what PyTorch computes for the examples: NAME.npz for each twin NAME.py, and sharing.json for all of them.

    Debian: apt install python3-torch
    python3 make_examples.py

NAME.npz has `eval.`, and for networks with running statistics `train.`, before each of: inputs.*, weights.* (the whole
state_dict), outputs.*, loss, grad_outputs.* where there is no loss, grads.* of parameters and grads.input.* of inputs,
after.* (buffers after a call in train mode). Floats are f64, and those of inputs and weights are exact in f32 too. Keys are
wnet's; of tied ones grads.* and after.* have the first.

sharing.json says of each example which `model` of the file it is, if there are several; the arguments that are `set`; how
many `parameters()` have elements; its `groups`: the keys of the state_dict, those of one tensor together; and the names
`without` a key, by which only the file calls a storage, or a part of one.
"""

import importlib
import json
import math
import pathlib
import re
import sys
import zlib

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).parent


# What Debian's PyTorch 1.13 doesn't have yet, by the formulas in the documentation of PyTorch 2.


class RMSNorm(nn.Module):
    def __init__(self, d, eps):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(d))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def scaled_dot_product_attention(q, k, v, attn_mask=None, is_causal=False, scale=None):
    scores = q @ k.transpose(-2, -1) * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    if is_causal:
        scores = scores.masked_fill(torch.ones(scores.shape[-2:]).triu(1).bool(), -math.inf)
    if attn_mask is not None:
        scores = scores + attn_mask
    return scores.softmax(-1) @ v


if not hasattr(nn, "RMSNorm"):
    nn.RMSNorm = RMSNorm
if not hasattr(F, "scaled_dot_product_attention"):
    F.scaled_dot_product_attention = scaled_dot_product_attention


# What draws inputs.


def normal(*shape):
    return lambda rng: rng.standard_normal(shape)


def uniform(*shape):
    return lambda rng: rng.uniform(0, 1, shape)


def ints(bound, *shape):
    return lambda rng: rng.integers(0, bound, shape)


def flags(*shape):
    return lambda rng: rng.integers(0, 2, shape).astype(np.float64)


def some_masked(bound, *shape):
    """Targets of a masked language model: -100 where nothing was masked."""
    return lambda rng: np.where(rng.integers(0, 2, shape) == 0, rng.integers(0, bound, shape), -100)


def padding(*lengths):
    """True behind the end of each sequence."""
    return lambda rng: np.arange(max(lengths)) >= np.array(lengths)[:, None]


# The examples.


CASES = []


def case(
    file, twin, inputs, settings=None, outputs=("logits",), loss=True, train=False, rename=(), without=(), select=False
):
    """`twin(**settings)` gives a tuple of `outputs` and, if there is one, the `loss`. `rename` has patterns of keys and
    what they are in wnet; `select` is for a file with several models."""
    CASES.append((file, twin, inputs, settings or {}, outputs, loss, train, rename, without, select))


case("independent", "Independent", {"x": normal(3, 10)}, outputs=("output",), loss=False)
case(
    "shared_parameter",
    "SharedParameter",
    {"x": normal(3, 10)},
    outputs=("output",),
    loss=False,
    without=["layer1.weight"],
)
case("repeated_call", "RepeatedCall", {"x": normal(3, 20)}, outputs=("output",), loss=False)
case("digits", "Digits", {"image": uniform(16, 64), "label": ints(10, 16)}, {"hidden": 20})
case(
    "tied_autoencoder",
    "TiedAutoencoder",
    {"x": normal(5, 64)},
    outputs=("y", "hidden"),
    rename=[("dec_bias", "dec.bias")],
    without=["dec.weight"],
)
case("tied_head", "TiedHead", {"tokens": ints(96, 2, 7), "targets": ints(96, 2, 7)}, without=["table"])
case(
    "autoencoder_stack",
    "AutoencoderStack",
    {"x": normal(5, 12)},
    {"sizes": [12, 8, 6, 3]},
    outputs=("y", "code"),
    rename=[(r"enc\.(\d)\.(.*)", r"enc.\1.0.\2"), (r"dec_bias\.(\d)", r"dec.\1.0.bias")],
    without=["dec.0.0.weight", "dec.1.0.weight", "dec.2.0.weight"],
)
case(
    "vocabulary_slice",
    "VocabularySlice",
    {"tokens": ints(11, 2, 5), "targets": ints(7, 2, 5)},
    {"vocab": 11, "answers": 7, "d": 6},
    rename=[("head_bias", "head.bias")],
    without=["head.weight"],
)
case(
    "fused_qkv",
    "FusedQKV",
    {"x": normal(2, 5, 8)},
    {"d": 8, "heads": 2},
    outputs=("output",),
    loss=False,
    without=["q.weight", "k.weight", "v.weight"],
)
case(
    "gpt2",
    "GPT2",
    {"tokens": ints(11, 2, 5), "targets": ints(11, 2, 5)},
    {"vocab": 11, "context": 6, "d": 8, "n": 2, "heads": 2},
)
case(
    "bert",
    "BERT",
    {
        "tokens": ints(11, 2, 5),
        "segments": ints(2, 2, 5),
        "padding": padding(5, 3),
        "targets": some_masked(11, 2, 5),
    },
    {"vocab": 11, "context": 6, "d": 8, "n": 2, "heads": 2},
)
case(
    "albert",
    "ALBERT",
    {"tokens": ints(11, 2, 5), "segments": ints(2, 2, 5), "targets": some_masked(11, 2, 5)},
    {"vocab": 11, "context": 6, "e": 4, "d": 8, "n": 3, "heads": 2},
)
case(
    "t5",
    "T5",
    # Long enough for distances beyond those that have a bucket of their own.
    {"source": ints(11, 2, 14), "tokens": ints(11, 2, 20), "targets": ints(11, 2, 20)},
    {"vocab": 11, "d": 8, "n": 2, "heads": 2},
)
case(
    "universal_transformer",
    "UniversalTransformer",
    {"tokens": ints(11, 2, 5), "targets": ints(11, 2, 5)},
    {"vocab": 11, "d": 8, "heads": 2, "rounds": 3},
)
case(
    "lstm_lm",
    "LstmLM",
    {"tokens": ints(11, 2, 5), "targets": ints(11, 2, 5)},
    {"vocab": 11, "d": 6, "n": 2},
)
case(
    "mixture_of_experts",
    "MixtureOfExperts",
    {"x": normal(5, 6), "label": ints(4, 5)},
    {"features": 6, "hidden": 8, "classes": 4, "experts": 3},
)
for file in ["siamese", "siamese_statistics"]:
    case(
        file,
        "Siamese",
        {"left": normal(4, 1, 5, 6), "right": normal(4, 1, 5, 6), "same": flags(4)},
        {"features": 5},
        outputs=("distance",),
        train=True,
    )
case(
    "unet",
    "UNet",
    {"image": normal(2, 1, 8, 4), "target": ints(3, 2, 8, 4)},
    {"classes": 3, "widths": [2, 4, 6]},
)
case("small_cnn", "SmallCNN", {"image": uniform(3, 1, 28, 28), "label": ints(4, 3)}, {"classes": 4, "width": 2})
case("resnet18", "ResNet18", {"image": normal(3, 3, 48, 33), "label": ints(5, 3)}, {"classes": 5, "width": 2}, train=True)
case(
    "vit",
    "ViT",
    {"image": normal(2, 3, 8, 8), "label": ints(5, 2)},
    {"classes": 5, "size": 8, "patch": 4, "d": 8, "n": 2, "heads": 2},
)
for twin in ["Repeated", "Separate"]:
    case(
        "residual_stack",
        twin,
        {"x": normal(2, 4, 5, 3)},
        {"channels": 4, "hidden": 3},
        outputs=("output",),
        loss=False,
        select=True,
    )


# Their values.


def exact(array):
    """The same in double precision, as single precision holds it."""
    return torch.from_numpy(np.asarray(array, dtype=np.float32).astype(np.float64))


def build(file, twin, settings, rng):
    """The network with parameters and buffers that are drawn, and its keys without counters of batches."""
    network = getattr(importlib.import_module(file), twin)(**settings)
    state = {key: value for key, value in network.state_dict().items() if not key.endswith("num_batches_tracked")}
    with torch.no_grad():
        for key, value in state.items():
            draw = rng.uniform(0.5, 1.5, value.shape) if key.endswith("var") else rng.standard_normal(value.shape) * 0.4
            value.copy_(exact(draw))
    return network, state


def values(name, mode, file, twin, inputs, settings, outputs, loss, keys):
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    network, state = build(file, twin, settings, rng)
    network.train(mode == "train")
    x = {}
    for key, draw in inputs.items():
        array = draw(rng)
        x[key] = exact(array).requires_grad_() if array.dtype == np.float64 else torch.from_numpy(array)
    found = {f"inputs.{key}": value.detach() for key, value in x.items()}
    found |= {f"weights.{keys[key]}": value.clone() for key, value in state.items()}
    results = network(**x)
    results = results if isinstance(results, tuple) else (results,)
    found |= {f"outputs.{key}": value.detach() for key, value in zip(outputs, results)}
    if loss:
        found["loss"] = results[-1].detach()
        results[-1].backward()
    else:
        seeds = [exact(rng.standard_normal(value.shape)) for value in results]
        found |= {f"grad_outputs.{key}": seed for key, seed in zip(outputs, seeds)}
        torch.autograd.backward(results, seeds)
    found |= {f"grads.{keys[key]}": value.grad for key, value in network.named_parameters()}
    found |= {f"grads.input.{key}": value.grad for key, value in x.items() if value.grad is not None}
    if mode == "train":
        after = {keys[key]: value for key, value in network.named_buffers() if key in state}
        found |= {f"after.{key}": value for key, value in after.items()}
        found["train"] = torch.ones(())
    return {f"{mode}.{key}": value.numpy() for key, value in found.items()}


torch.set_default_dtype(torch.float64)
sharing = {}
for file, twin, inputs, settings, outputs, loss, train, rename, without, select in CASES:
    name = f"{file}_{twin.lower()}" if select else file
    network, state = build(file, twin, settings, np.random.default_rng(0))
    keys = {}
    for key in state:
        keys[key] = key
        for pattern, replacement in rename:
            keys[key] = re.sub(f"^{pattern}$", replacement, keys[key])
    groups = {}
    for key, value in state.items():
        groups.setdefault(value.data_ptr(), []).append(keys[key])
    sharing[name] = {
        "file": file,
        **({"model": twin} if select else {}),
        "set": settings,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "groups": list(groups.values()),
        "without": list(without),
    }
    arrays = {}
    for mode in ["eval", "train"] if train else ["eval"]:
        arrays |= values(name, mode, file, twin, inputs, settings, outputs, loss, keys)
    np.savez(HERE / f"{name}.npz", **arrays)
text = ",\n".join(f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in sharing.items())
(HERE / "sharing.json").write_text("{\n" + text + "\n}\n")
