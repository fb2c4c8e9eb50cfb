"""Trains a network that applies one layer three times with PyTorch, and writes the losses of the epochs: train.json.

    pip install numpy torch        (Debian: python3-torch)
    python make_train.py

The first 100 digits are the data, in their order, in batches of 32 and a rest of 4. Weights are drawn by NumPy. `f32.npz` and
`f64.npz` hold data and `weights.npz` the weights, by wnet's names.
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
EPOCHS = 10

METHODS = {
    "SGD(lr=0.1, momentum=0.9, weight_decay=0.001)": lambda p: torch.optim.SGD(
        p, lr=0.1, momentum=0.9, weight_decay=0.001
    ),
    "AdamW(lr=0.003)": lambda p: torch.optim.AdamW(p, lr=0.003),
    "RMSprop(lr=0.001)": lambda p: torch.optim.RMSprop(p, lr=0.001),
}


class Digits(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(64, 16)
        self.middle = torch.nn.Linear(16, 16)
        self.last = torch.nn.Linear(16, 10)

    def forward(self, x):
        x = F.relu(self.first(x))
        for _ in range(3):
            x = F.relu(self.middle(x))
        return self.last(x)


def main():
    with np.load(HERE.parents[2] / "examples/data/digits.npz") as data:
        image, label = data["image"][:100], data["label"][:100]
    rng = np.random.default_rng(0)
    shapes = {name: tuple(p.shape) for name, p in Digits().named_parameters()}
    weights = {name: rng.uniform(-1, 1, shape) / np.sqrt(shape[-1]) for name, shape in shapes.items()}
    np.savez_compressed(HERE / "weights.npz", **weights)
    for name, dtype in [("f32", np.float32), ("f64", np.float64)]:
        np.savez_compressed(HERE / f"{name}.npz", image=image.astype(dtype), label=label)
    x, t = torch.tensor(image, dtype=torch.float64), torch.tensor(label.astype(np.int64))
    found = {}
    for text, make in METHODS.items():
        model = Digits().double()
        model.load_state_dict({name: torch.tensor(w) for name, w in weights.items()})
        optimizer = make(model.parameters())
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 7, gamma=0.8)
        losses = []
        for _ in range(EPOCHS):
            total = 0.0
            for start in range(0, len(x), 32):
                loss = F.cross_entropy(model(x[start : start + 32]), t[start : start + 32])
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
                optimizer.step()
                scheduler.step()
                total += loss.item() * len(x[start : start + 32])
            losses.append(total / len(x))
        found[text] = losses
    (HERE / "train.json").write_text(json.dumps(found, indent=1) + "\n")


main()
