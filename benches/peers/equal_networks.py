#!/usr/bin/env python3
"""The networks of docs/training.md in PyTorch and, where it has them, scikit-learn: the same layers, initializers,
optimizer, schedule, batches and numbers of epochs, and the part of the held-out examples that they get right.

  equal_networks.py digits  examples/data/digits.npz
  equal_networks.py mnist   mnist_5k.csv.gz
  equal_networks.py fashion FOLDER              with the four files of Fashion-MNIST
  equal_networks.py text    FILE --minutes 10   the language model of examples/lstm_lm.wnet, bits per character

  --seeds 0,1,2,3,4   which examples are held out hangs on the seed, though not in the way of wnetc
"""
import argparse, gzip, math, time
import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy


class Digits(nn.Module):
    def __init__(self, hidden=128):
        super().__init__()
        self.first, self.middle = nn.Linear(64, hidden), nn.Linear(hidden, hidden)
        self.last = nn.Linear(hidden, 10)

    def forward(self, x):
        x = self.first(x).relu()
        for _ in range(3):
            x = self.middle(x).relu()
        return self.last(x)


def small_cnn(width=32):
    conv1, conv2 = nn.Conv2d(1, width, 3), nn.Conv2d(width, 2 * width, 3)
    pool = lambda: nn.MaxPool2d(2)
    return nn.Sequential(conv1, nn.ReLU(), pool(), conv2, nn.ReLU(), pool(), nn.Flatten(), nn.Linear(50 * width, 10))


class Lstm(nn.Module):
    def __init__(self, vocab, d):
        super().__init__()
        self.embed, self.lstm = nn.Embedding(vocab, d), nn.LSTM(d, d, batch_first=True)
        self.bias = nn.Parameter(torch.zeros(vocab))
        nn.init.uniform_(self.embed.weight, -0.1, 0.1)

    def forward(self, tokens):
        return self.lstm(self.embed(tokens))[0] @ self.embed.weight.T + self.bias


def cosine(steps, warmup):
    """The factor of the learning rate: linear to 1, then half a cosine to 0."""
    def factor(step):
        if step < warmup:
            return (step + 1) / warmup
        return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))
    return factor


def train(net, train, test, batch, epochs, lr, warmup, clip=None, until=math.inf, tell=lambda *_: None):
    (x, y), (test_x, test_y) = train, test
    steps = epochs * math.ceil(len(x) / batch)
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, cosine(steps, warmup))
    begun = time.monotonic()
    for epoch in range(epochs):
        net.train()
        for rows in torch.randperm(len(x)).split(batch):
            out = net(x[rows])
            loss = cross_entropy(out.flatten(0, -2), y[rows].flatten())
            optimizer.zero_grad()
            loss.backward()
            if clip:
                nn.utils.clip_grad_norm_(net.parameters(), clip)
            optimizer.step()
            schedule.step()
        net.eval()
        tell(epoch + 1, score(net, test_x, test_y), time.monotonic() - begun)
        if time.monotonic() - begun > until:
            break
    return score(net, test_x, test_y)


@torch.no_grad()
def score(net, x, y):
    """The part that is right, and the mean loss."""
    right, loss = 0, 0.0
    for rows in torch.arange(len(x)).split(256):
        out, labels = net(x[rows]).flatten(0, -2), y[rows].flatten()
        right += (out.argmax(1) == labels).sum().item()
        loss += cross_entropy(out, labels, reduction="sum").item()
    return right / y.numel(), loss / y.numel()


def held_out(x, y, part, seed):
    order = np.random.RandomState(seed).permutation(len(x))
    count = round(len(x) * part)
    return tuple((x[rows], y[rows]) for rows in (order[count:], order[:count]))


def tensors(pair):
    return tuple(torch.from_numpy(np.ascontiguousarray(part)) for part in pair)


def idx(path, skip, shape):
    with gzip.open(path) as file:
        return np.frombuffer(file.read(), np.uint8, offset=skip).reshape(shape)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["digits", "mnist", "fashion", "text"])
    parser.add_argument("path")
    parser.add_argument("--seeds", default="0,1,2,3,4")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=math.inf)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--d", type=int, default=256)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    for seed in map(int, arguments.seeds.split(",")):
        torch.manual_seed(seed)
        if arguments.what == "digits":
            data = np.load(arguments.path)
            x, y = data["image"].astype(np.float32).reshape(-1, 64), data["label"].astype(np.int64)
            parts = held_out(x, y, 0.2, seed)
            found, _ = train(Digits(), *map(tensors, parts), batch=32, epochs=20, lr=0.003, warmup=50)
            print(f"seed {seed}: PyTorch {found:.4f}", end="", flush=True)
            from sklearn.neural_network import MLPClassifier
            # It has no shared layers: three of their own stand for one that is applied three times.
            other = MLPClassifier((128,) * 4, batch_size=32, learning_rate_init=0.003, max_iter=20, random_state=seed)
            print(f", scikit-learn {other.fit(*parts[0]).score(*parts[1]):.4f}")
        elif arguments.what in ("mnist", "fashion"):
            if arguments.what == "mnist":
                table = np.loadtxt(arguments.path, delimiter=",")
                x, y = table[:, :-1].astype(np.float32) / 255, table[:, -1].astype(np.int64)
                parts, epochs = held_out(x.reshape(-1, 1, 28, 28), y, 0.2, seed), 10
            else:
                images = lambda name: idx(f"{arguments.path}/{name}-images-idx3-ubyte.gz", 16, (-1, 1, 28, 28))
                labels = lambda name: idx(f"{arguments.path}/{name}-labels-idx1-ubyte.gz", 8, -1).astype(np.int64)
                of = lambda name: (images(name).astype(np.float32) / 255, labels(name))
                parts, epochs = (of("train"), of("t10k")), 8
            found, _ = train(small_cnn(), *map(tensors, parts), batch=64, epochs=epochs, lr=0.001, warmup=100)
            print(f"seed {seed}: PyTorch {found:.4f}", flush=True)
        else:
            raw = gzip.open(arguments.path).read() if arguments.path.endswith(".gz") else open(arguments.path, "rb").read()
            text = raw.decode("utf-8", "replace")
            numbers = {character: index for index, character in enumerate(sorted(set(text)))}
            codes = np.array([numbers[character] for character in text])
            rows = (len(codes) - 1) // 128
            x, y = codes[:rows * 128].reshape(rows, 128), codes[1:rows * 128 + 1].reshape(rows, 128)
            parts = held_out(x, y, 0.05, seed)
            tell = lambda epoch, found, seconds: print(
                f"seed {seed}: epoch {epoch}, {seconds:.0f} s, PyTorch {found[1] / math.log(2):.4f} bits", flush=True)
            train(Lstm(len(numbers), arguments.d), *map(tensors, parts), batch=16, epochs=arguments.epochs or 20, lr=4e-3,
                  warmup=100, clip=1.0, until=arguments.minutes * 60, tell=tell)


if __name__ == "__main__":
    main()
