"""Writes the values that PyTorch gives for the examples and for every operator: NAME.npz, and NAME.wnet for operators.

    pip install numpy torch        (Debian: python3-torch)
    python make_reference.py

Each NAME.npz holds, for f64 and f32: inputs.*, weights.* (owners' keys), outputs.*, loss, grad_outputs.* where there is no
loss, grads.* of weights and of inputs (grads.input.*). Weights and inputs are drawn by NumPy from a fixed seed.
"""

import pathlib
import zlib

import numpy as np
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
CASES = []


def case(name, inputs, weights, function, text=None):
    """`function(inputs, weights)` returns (outputs, loss or None), both of tensors."""
    CASES.append((name, inputs, weights, function, text))


def normal(*shape, scale=1.0):
    return lambda rng: rng.standard_normal(shape) * scale


def positive(*shape):
    return lambda rng: rng.uniform(0.5, 2.0, shape)


def ints(bound, *shape):
    return lambda rng: rng.integers(0, bound, shape)


def linear(*sizes):
    """Weights of layers named fc1, fc2, …"""
    made = {}
    for index, (i, o) in enumerate(zip(sizes, sizes[1:])):
        made[f"fc{index + 1}.weight"] = normal(o, i, scale=0.3)
        made[f"fc{index + 1}.bias"] = normal(o, scale=0.3)
    return made


# The examples.


def independent(x, w):
    h = F.relu(F.linear(x["x"], w["fc1.weight"], w["fc1.bias"]))
    return {"output": F.linear(h, w["fc2.weight"], w["fc2.bias"])}, None


case("independent", {"x": normal(3, 10)}, linear(10, 20, 5), independent)


def shared_parameter(x, w):
    h = F.relu(F.linear(x["x"], w["shared_weight"]))
    return {"output": F.linear(h, w["layer2.weight"], w["layer2.bias"])}, None


case(
    "shared_parameter",
    {"x": normal(3, 10)},
    {"shared_weight": normal(20, 10), "layer2.weight": normal(5, 20), "layer2.bias": normal(5)},
    shared_parameter,
)


def repeated_call(x, w):
    h = x["x"]
    for _ in range(2):
        h = F.relu(F.linear(h, w["shared_layer.weight"], w["shared_layer.bias"]))
    return {"output": F.linear(h, w["output_layer.weight"], w["output_layer.bias"])}, None


case(
    "repeated_call",
    {"x": normal(3, 20)},
    {
        "shared_layer.weight": normal(20, 20, scale=0.3),
        "shared_layer.bias": normal(20),
        "output_layer.weight": normal(5, 20),
        "output_layer.bias": normal(5),
    },
    repeated_call,
)


def digits(x, w):
    h = F.relu(F.linear(x["image"], w["first.weight"], w["first.bias"]))
    for _ in range(3):
        h = F.relu(F.linear(h, w["middle.weight"], w["middle.bias"]))
    logits = F.linear(h, w["last.weight"], w["last.bias"])
    return {"logits": logits}, F.cross_entropy(logits, x["label"])


case(
    "digits",
    {"image": lambda rng: rng.uniform(0, 1, (16, 64)), "label": ints(10, 16)},
    {
        "first.weight": normal(64, 64, scale=0.2),
        "first.bias": normal(64, scale=0.2),
        "middle.weight": normal(64, 64, scale=0.2),
        "middle.bias": normal(64, scale=0.2),
        "last.weight": normal(10, 64, scale=0.2),
        "last.bias": normal(10, scale=0.2),
    },
    digits,
)


def tied_autoencoder(x, w):
    hidden = torch.tanh(F.linear(x["x"], w["enc.weight"], w["enc.bias"]))
    y = torch.sigmoid(F.linear(hidden, w["enc.weight"].T, w["dec.bias"]))
    return {"y": y, "hidden": hidden}, F.mse_loss(y, x["x"])


case(
    "tied_autoencoder",
    {"x": normal(5, 64)},
    {"enc.weight": normal(16, 64, scale=0.2), "enc.bias": normal(16), "dec.bias": normal(64)},
    tied_autoencoder,
)


def tied_head(x, w):
    h = F.embedding(x["tokens"], w["table"])
    mixed = F.linear(F.layer_norm(h, [32], w["norm.weight"], w["norm.bias"]), w["mix.weight"], w["mix.bias"])
    logits = F.linear(h + F.gelu(mixed), w["table"])
    return {"logits": logits}, F.cross_entropy(logits.reshape(-1, 96), x["targets"].reshape(-1))


case(
    "tied_head",
    {"tokens": ints(96, 2, 7), "targets": ints(96, 2, 7)},
    {
        "table": normal(96, 32, scale=0.3),
        "norm.weight": positive(32),
        "norm.bias": normal(32),
        "mix.weight": normal(32, 32, scale=0.3),
        "mix.bias": normal(32),
    },
    tied_head,
)

# The operators.


def operator(name, body, inputs, function, weights=None):
    """An operator of one or more inputs; `function` takes them in order, then the weights."""

    def run(x, w):
        return {"output": function(*x.values(), *w.values())}, None

    case(f"op_{name}", inputs, weights or {}, run, "model M {\n" + body + "\n}\n")


def unary(name, function, text=None, inputs=None, shape="[3, 4]"):
    operator(name, f"input x: {shape}\noutput {text or name + '(x)'}", {"x": (inputs or normal(3, 4))}, function)


unary("relu", F.relu)
unary("gelu", F.gelu)
unary("gelu_tanh", lambda x: F.gelu(x, approximate="tanh"), 'gelu(x, approximate="tanh")')
unary("tanh", torch.tanh)
unary("sigmoid", torch.sigmoid)
unary("softmax", lambda x: F.softmax(x, dim=0), "softmax(x, dim=0)")
unary("softmax_last", lambda x: F.softmax(x, dim=-1), "softmax(x, dim=-1)")
unary("log_softmax", lambda x: F.log_softmax(x, dim=-1), "log_softmax(x, dim=-1)")
unary("neg", torch.neg, "-x")
unary("square", lambda x: x**2, "x ** 2")
unary("rpow", lambda x: 2.0**x, "2.0 ** x")
unary("power", lambda x: x**2.5, "x ** 2.5", positive(3, 4))
unary("reshape", lambda x: x.reshape(2, -1), "reshape(x, [2, -1])")
unary("transpose", lambda x: x.transpose(0, 1), "transpose(x, 0, 1)")
unary("transpose3", lambda x: x.transpose(-1, 0), "transpose(x, -1, 0)", normal(2, 3, 4), "[2, 3, 4]")
unary("sum", torch.sum, "sum(x)")
unary("sum_dim", lambda x: x.sum(1, keepdim=True), "sum(x, dim=1, keepdim=true)")
unary("sum_dims", lambda x: x.sum([0, -1]), "sum(x, dim=[0, -1])", normal(2, 3, 4), "[2, 3, 4]")
unary("mean", torch.mean, "mean(x)")
unary("mean_dim", lambda x: x.mean(0), "mean(x, dim=0)")
unary("scalars", lambda x: 3 - 2 * x / 4 + 1.5, "3 - 2 * x / 4 + 1.5")

for symbol, name, function in [
    ("+", "add", torch.add),
    ("-", "sub", torch.sub),
    ("*", "mul", torch.mul),
    ("/", "div", torch.div),
]:
    body = f"input a: [2, 3, 4]\ninput b: [3, 1]\noutput a {symbol} b"
    operator(name, body, {"a": normal(2, 3, 4), "b": positive(3, 1)}, function)
operator(
    "pow", "input a: [3, 4]\ninput b: [4]\noutput a ** b", {"a": positive(3, 4), "b": normal(4)}, torch.pow
)
operator(
    "remainder", "input a: [3, 4]\ninput b: [4]\noutput a % b", {"a": normal(3, 4), "b": positive(4)}, torch.remainder
)
for name, left, right in [
    ("matrix", [3, 4], [4, 5]),
    ("batched", [2, 3, 4], [2, 4, 5]),
    ("broadcast", [2, 1, 3, 4], [6, 4, 5]),
    ("vectors", [4], [4]),
    ("vector_left", [4], [4, 5]),
    ("vector_right", [2, 3, 4], [4]),
]:
    body = f"input a: {left}\ninput b: {right}\noutput matmul(a, b)"
    operator(f"matmul_{name}", body, {"a": normal(*left), "b": normal(*right)}, torch.matmul)

operator(
    "linear",
    "input x: [2, 3, 4]\nlayer f = Linear(4, 5)\noutput f(x)",
    {"x": normal(2, 3, 4)},
    F.linear,
    {"f.weight": normal(5, 4), "f.bias": normal(5)},
)
operator(
    "embedding",
    "input x: int[2, 3]\nlayer f = Embedding(6, 4)\noutput f(x)",
    {"x": ints(6, 2, 3)},
    F.embedding,
    {"f.weight": normal(6, 4)},
)
operator(
    "embedding_padding",
    "input x: int[12]\nlayer f = Embedding(3, 4, padding_idx=1)\noutput f(x)",
    {"x": ints(3, 12)},
    lambda x, w: F.embedding(x, w, padding_idx=1),
    {"f.weight": normal(3, 4)},
)
operator(
    "layer_norm",
    "input x: [2, 3, 4]\nlayer f = LayerNorm([3, 4], eps=1e-3)\noutput f(x)",
    {"x": normal(2, 3, 4)},
    lambda x, w, b: F.layer_norm(x, [3, 4], w, b, 1e-3),
    {"f.weight": normal(3, 4), "f.bias": normal(3, 4)},
)
operator(
    "layer_norm_plain",
    "input x: [2, 4]\nlayer f = LayerNorm(4, elementwise_affine=false)\noutput f(x)",
    {"x": normal(2, 4)},
    lambda x: F.layer_norm(x, [4]),
)
operator(
    "dropout_eval",
    "input x: [2, 4]\nlayer f = Dropout(0.5)\noutput f(x)",
    {"x": normal(2, 4)},
    lambda x: F.dropout(x, 0.5, training=False),
)
operator(
    "flatten",
    "input x: [2, 3, 4]\nlayer f = Flatten()\noutput f(x) * 2",
    {"x": normal(2, 3, 4)},
    lambda x: x.flatten(1) * 2,
)
for reduction in ["mean", "sum", "none"]:
    operator(
        f"mse_{reduction}",
        f'input x: [3, 4]\ninput t: [3, 4]\noutput mse_loss(x, t, reduction="{reduction}")',
        {"x": normal(3, 4), "t": normal(3, 4)},
        lambda x, t, reduction=reduction: F.mse_loss(x, t, reduction=reduction),
    )
    operator(
        f"cross_entropy_{reduction}",
        f'input x: [6, 5]\ninput t: int[6]\noutput cross_entropy(x, t, reduction="{reduction}")',
        {"x": normal(6, 5), "t": ints(5, 6)},
        lambda x, t, reduction=reduction: F.cross_entropy(x, t, reduction=reduction),
    )


def weighted(x, t, w):
    """PyTorch gives no gradient of the weights of classes, so the formula is written out for it."""
    log_p, kept = F.log_softmax(x, dim=1), t != 2
    picked = -log_p.gather(1, t.unsqueeze(1)).squeeze(1) * w[t] * kept
    spread = -(log_p * w[None, :, None]).sum(1) * kept
    loss = (0.9 * picked.sum() + 0.1 / 5 * spread.sum()) / (w[t] * kept).sum()
    with torch.no_grad():
        expected = F.cross_entropy(x, t, weight=w, ignore_index=2, label_smoothing=0.1)
        assert torch.allclose(loss, expected, rtol=1e-6)
    return loss


operator(
    "cross_entropy_weighted",
    "input x: [6, 5, 2]\ninput t: int[6, 2]\ninput w: [5]\n"
    "output cross_entropy(x, t, weight=w, ignore_index=2, label_smoothing=0.1)",
    {"x": normal(6, 5, 2), "t": ints(5, 6, 2), "w": positive(5)},
    weighted,
)
operator(
    "cross_entropy_probabilities",
    "input x: [6, 5]\ninput t: [6, 5]\noutput cross_entropy(x, t, label_smoothing=0.2)",
    {"x": normal(6, 5), "t": positive(6, 5)},
    lambda x, t: F.cross_entropy(x, t, label_smoothing=0.2),
)


def values(name, inputs, weights, function, dtype):
    """Everything of one case in one element type."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    precision = {"f64": torch.float64, "f32": torch.float32}[dtype]

    def tensor(draw):
        array = torch.from_numpy(np.asarray(draw(rng)))
        return array.to(precision).requires_grad_() if array.is_floating_point() else array

    x = {key: tensor(draw) for key, draw in inputs.items()}
    w = {key: tensor(draw) for key, draw in weights.items()}
    outputs, loss = function(x, w)
    found = {f"inputs.{key}": value for key, value in x.items()}
    found |= {f"weights.{key}": value for key, value in w.items()}
    found |= {f"outputs.{key}": value for key, value in outputs.items()}
    if loss is not None:
        found["loss"] = loss
        loss.backward()
    else:
        seeds = {key: torch.from_numpy(rng.standard_normal(value.shape)).to(precision) for key, value in outputs.items()}
        found |= {f"grad_outputs.{key}": value for key, value in seeds.items()}
        torch.autograd.backward(list(outputs.values()), list(seeds.values()))
    for prefix, leaves in [("grads.", w), ("grads.input.", x)]:
        for key, value in leaves.items():
            if value.requires_grad and value.grad is not None:
                found[prefix + key] = value.grad
    return {f"{dtype}.{key}": value.detach().numpy() for key, value in found.items()}


for name, inputs, weights, function, text in CASES:
    arrays = {}
    for dtype in ["f64", "f32"]:
        arrays |= values(name, inputs, weights, function, dtype)
    np.savez(HERE / f"{name}.npz", **arrays)
    if text is not None:
        (HERE / f"{name}.wnet").write_text(text)
