"""Trains the workloads of benches/models with PyTorch: NAME.npz for each, at small sizes.

    Debian: apt install python3-torch
    python3 make_workloads.py

NAME.npz holds inputs.* and weights.*, which are exact in f32 too; outputs.*, loss and grads.* of all examples as one batch;
stepped.*, the weights after one training step with that batch; and losses, those of 100 training steps from the same weights
over the examples in their order, in batches of `batch` and a rest. Floats are f64, keys are wnet's. workloads.json says what
is `set` and the `batch`.

    python3 make_workloads.py --full wnetc [NAME...]

writes nothing here: it trains the workloads at their full sizes, 100 steps on one batch, with PyTorch and with the program
that is named, in f64 and f32, and prints the largest difference of their losses.
"""

import json
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

HERE = pathlib.Path(__file__).parent
MODELS = HERE.parents[2] / "benches/models"
STEPS = 100


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(10, 20), nn.Linear(20, 5)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


class Repeated(nn.Module):
    def __init__(self, d=128):
        super().__init__()
        self.inner, self.head = nn.Linear(d, d), nn.Linear(d, 10)

    def forward(self, x):
        for _ in range(8):
            x = F.relu(self.inner(x))
        return self.head(x)


class Perceptron(nn.Module):
    def __init__(self, features=784, hidden=512):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(features, hidden), nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, 10)

    def forward(self, x):
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


class Convolutional(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, width, 3), nn.Conv2d(width, 2 * width, 3)
        self.head = nn.Linear(50 * width, 10)

    def forward(self, x):
        for conv in [self.conv1, self.conv2]:
            x = F.max_pool2d(F.relu(conv(x)), 2)
        return self.head(x.flatten(1))


class Block(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.qkv, self.o = nn.LayerNorm(d), nn.Linear(d, 3 * d), nn.Linear(d, d)
        self.norm2, self.f1, self.f2 = nn.LayerNorm(d), nn.Linear(d, 4 * d), nn.Linear(4 * d, d)

    def forward(self, h):
        batch, seq, d = h.shape
        q, k, v = self.qkv(self.norm1(h)).reshape(batch, seq, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-2, -1) / math.sqrt(d // self.heads)
        scores = scores.masked_fill(torch.ones(seq, seq).triu(1).bool(), -math.inf)
        h = h + self.o((scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, seq, d))
        return h + self.f2(F.gelu(self.f1(self.norm2(h))))


class TiedTransformer(nn.Module):
    """With `n` blocks, or one that is applied `times`."""

    def __init__(self, vocab=4096, seq=128, d=256, n=4, heads=4, times=None):
        super().__init__()
        self.table, self.pos = nn.Parameter(torch.empty(vocab, d)), nn.Parameter(torch.empty(seq, d))
        if times is None:
            self.blocks = nn.ModuleList(Block(d, heads) for _ in range(n))
        else:
            self.inner = Block(d, heads)
        self.norm, self.times = nn.LayerNorm(d), times

    def forward(self, tokens):
        h = F.embedding(tokens, self.table) + self.pos
        for block in self.blocks if self.times is None else [self.inner] * self.times:
            h = block(h)
        return F.linear(self.norm(h), self.table)


class Recurrent(nn.Module):
    def __init__(self, d=128):
        super().__init__()
        self.lstm, self.head = nn.LSTM(d, d), nn.Linear(d, 10)

    def forward(self, x):
        return self.head(self.lstm(x)[0][-1])


def floats(*shape):
    return lambda rng: rng.uniform(-1, 1, shape)


def ints(bound, *shape):
    return lambda rng: rng.randint(0, bound, shape)


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.01)


def adam(parameters):
    return torch.optim.Adam(parameters, lr=1e-3)


def adamw(parameters):
    return torch.optim.AdamW(parameters, lr=3e-4, weight_decay=0.01)


def mse(y, target):
    return F.mse_loss(y, target)


def cross_entropy(y, target):
    return F.cross_entropy(y.flatten(0, -2), target.flatten())


def lm(examples, vocab=4096, seq=128):
    return {"tokens": ints(vocab, examples, seq), "target": ints(vocab, examples, seq)}


SMALL = {"vocab": 40, "seq": 9, "d": 8, "heads": 2}
X, T = "x", "target"
# name: file, model, its loss and optimizer, then small and full: what is set, the batch, and the data. What `times` is to the
# class is `n` in the file.
WORKLOADS = {
    "w1a": (
        "w1", MLP, mse, sgd,
        ({}, 1, {X: floats(4, 10), T: floats(4, 5)}),
        ({}, 1, {X: floats(1, 10), T: floats(1, 5)}),
    ),
    "w1b": (
        "w1", MLP, mse, sgd,
        ({}, 3, {X: floats(10, 10), T: floats(10, 5)}),
        ({}, 32, {X: floats(32, 10), T: floats(32, 5)}),
    ),
    "w2": (
        "w2", Repeated, cross_entropy, sgd,
        ({"d": 16}, 5, {X: floats(17, 16), T: ints(10, 17)}),
        ({}, 64, {X: floats(64, 128), T: ints(10, 64)}),
    ),
    "w3": (
        "w3", Perceptron, cross_entropy, adam,
        ({"features": 30, "hidden": 20}, 5, {X: floats(17, 30), T: ints(10, 17)}),
        ({}, 128, {X: floats(128, 784), T: ints(10, 128)}),
    ),
    "w4": (
        "w4", Convolutional, cross_entropy, sgd,
        ({"width": 2}, 2, {X: floats(7, 1, 28, 28), T: ints(10, 7)}),
        ({}, 64, {X: floats(64, 1, 28, 28), T: ints(10, 64)}),
    ),
    "w5": (
        "w5", TiedTransformer, cross_entropy, adamw,
        (SMALL, 2, lm(7, 40, 9)),
        ({}, 8, lm(8)),
    ),
    "w6": (
        "w6", TiedTransformer, cross_entropy, adamw,
        (SMALL | {"times": 12}, 2, lm(7, 40, 9)),
        ({"times": 12}, 8, lm(8)),
    ),
    # The examples stand along its second axis, so they are one batch.
    "w7": (
        "w7", Recurrent, cross_entropy, sgd,
        ({"d": 8}, 6, {X: floats(64, 6, 8), T: ints(10, 6)}),
        ({}, 32, {X: floats(64, 32, 128), T: ints(10, 32)}),
    ),
}


def start(rng, name, shape):
    """The first values of a weight: 1 and 0 for a norm, else uniform within ±1/√(what a row has)."""
    if "norm" in name:
        return np.full(shape, 1.0 if name.endswith("weight") else 0.0)
    if name in ["table", "pos"]:
        return 0.02 * rng.standard_normal(shape)
    fan_in = math.prod(shape[1:]) if len(shape) > 1 else shape[0]
    return rng.uniform(-1, 1, shape) / math.sqrt(fan_in)


class Training:
    def __init__(self, make, loss, optimizer, sizes, data, dtype=torch.float64):
        rng = np.random.RandomState(0)
        exact = lambda array: array if array.dtype.kind == "i" else array.astype(np.float32).astype(np.float64)
        self.data = {name: exact(draw(rng)) for name, draw in data.items()}
        self.model = make(**sizes).to(dtype)
        self.weights = {name: exact(start(rng, name, tuple(p.shape))) for name, p in self.model.named_parameters()}
        self.model.load_state_dict({name: torch.tensor(w) for name, w in self.weights.items()})
        self.loss, self.optimizer = loss, optimizer(self.model.parameters())
        to = lambda array: torch.tensor(array) if array.dtype.kind == "i" else torch.tensor(array, dtype=dtype)
        self.given, self.target = self.inputs = [to(array) for array in self.data.values()]

    def step(self, rows):
        self.optimizer.zero_grad()
        y = self.model(self.given[rows])
        loss = self.loss(y, self.target[rows])
        loss.backward()
        self.optimizer.step()
        return y, loss.item()

    def parameters(self):
        return {name: p.detach().numpy().copy() for name, p in self.model.named_parameters()}

    def gradients(self):
        inputs = {f"input.{name}": x for name, x in zip(self.data, self.inputs) if x.is_floating_point()}
        return {name: p.grad.numpy().copy() for name, p in [*self.model.named_parameters(), *inputs.items()]}


def small(name):
    _, make, loss, optimizer, (sizes, batch, data), _ = WORKLOADS[name]
    run = Training(make, loss, optimizer, sizes, data)
    parts = {"inputs": run.data, "weights": run.weights}
    for x in run.inputs:
        x.requires_grad_(x.is_floating_point())
    y, value = run.step(slice(None))
    output = "y" if loss is mse else "logits"
    parts |= {"outputs": {output: y.detach().numpy()}, "grads": run.gradients(), "stepped": run.parameters()}
    run = Training(make, loss, optimizer, sizes, data)
    count = len(run.target)
    batches = [slice(None)] if name == "w7" else [slice(at, at + batch) for at in range(0, count, batch)]
    losses = [run.step(batches[step % len(batches)])[1] for step in range(STEPS)]
    arrays = {f"{part}.{key}": array for part, arrays in parts.items() for key, array in arrays.items()}
    np.savez_compressed(HERE / f"{name}.npz", loss=value, losses=np.array(losses), **arrays)


def options(sizes):
    return {"n" if name == "times" else name: value for name, value in sizes.items()}


def full(name, wnetc):
    file, make, loss, optimizer, _, (sizes, batch, data) = WORKLOADS[name]
    found = {}
    for dtype, kind in [("f64", torch.float64), ("f32", torch.float32)]:
        run = Training(make, loss, optimizer, sizes, data, kind)
        wanted = [run.step(slice(None))[1] for _ in range(STEPS)]
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            convert = lambda array: array if array.dtype.kind == "i" or dtype == "f64" else array.astype(np.float32)
            np.savez(folder / "data.npz", **{key: convert(array) for key, array in run.data.items()})
            np.savez(folder / "weights.npz", **run.weights)
            command = [wnetc, "train", MODELS / f"{file}.wnet", "--data", folder / "data.npz", "--out", folder / "out"]
            command += ["--weights", folder / "weights.npz", "--dtype", dtype, "--batch", str(batch), "--no-shuffle"]
            subprocess.run([*command, "--epochs", str(STEPS)], check=True, stdout=subprocess.DEVNULL)
            lines = (folder / "out/log.jsonl").read_text().splitlines()
        losses = [json.loads(line)["loss"] for line in lines]
        assert len(losses) == STEPS
        if dtype == "f64":
            exact = wanted
        far = max(abs(a - b) for a, b in zip(losses, wanted))
        from_exact = max(abs(a - b) for a, b in zip(losses, exact))
        theirs = max(abs(a - b) for a, b in zip(wanted, exact))
        print(f"{name} {dtype}: {losses[0]:.6f} to {losses[-1]:.6f}, differs from PyTorch's by {far:.1e};", end=" ")
        print(f"from PyTorch's in f64 by {from_exact:.1e}, and PyTorch by {theirs:.1e}", flush=True)


if sys.argv[1:2] == ["--full"]:
    for name in sys.argv[3:] or WORKLOADS:
        full(name, sys.argv[2])
else:
    for name in WORKLOADS:
        small(name)
    described = {name: {"file": w[0], "set": options(w[4][0]), "batch": w[4][1]} for name, w in WORKLOADS.items()}
    (HERE / "workloads.json").write_text(json.dumps(described, indent=1) + "\n")
