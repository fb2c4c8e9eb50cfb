"""Writes the values that PyTorch's optimizers and schedules give: optimizers.npz and schedules.npz.

    pip install numpy torch        (Debian: python3-torch)
    python make_optim.py

optimizers.npz holds, for f64 and f32, the gradients of 20 steps of each storage, `f64.grad.N [20, …]`, what the storages
start from, `f64.start.N`, and for each optimizer what they are after the steps of `STEPS`, `f64.AdamW(lr=0.1).N [4, …]`.
schedules.npz holds the learning rate, and the momentum where it is set, of each step: `StepLR(step_size=3) [30, 2]`; of
`ReduceLROnPlateau` that of each epoch, for the losses `losses`.

Keys are what the train block of a file holds. What this version of PyTorch doesn't have, or has with a known mistake, is
computed here from the formulas of the newer one's documentation or of the paper: see FORMULAS.
"""

import pathlib
import re

import numpy as np
import torch

HERE = pathlib.Path(__file__).parent
STEPS = [1, 2, 7, 20]
SHAPES = [(3, 5), (7,), (2, 3, 5)]
OPTIMIZERS = [
    "SGD(lr=0.1)",
    "SGD(lr=0.1, weight_decay=0.05, maximize=true)",
    "SGD(lr=0.1, momentum=0.9)",
    "SGD(lr=0.1, momentum=0.9, dampening=0.3, weight_decay=0.05)",
    "SGD(lr=0.1, momentum=0.9, weight_decay=0.05, nesterov=true)",
    "Adam()",
    "Adam(lr=0.05, betas=[0.8, 0.95], eps=1e-6, weight_decay=0.1)",
    "Adam(lr=0.05, amsgrad=true, maximize=true)",
    "AdamW()",
    "AdamW(lr=0.05, betas=[0.8, 0.95], eps=1e-6, weight_decay=0.2)",
    "AdamW(lr=0.05, weight_decay=0.1, amsgrad=true, maximize=true)",
    "RMSprop()",
    "RMSprop(lr=0.02, alpha=0.9, eps=1e-6, weight_decay=0.1)",
    "RMSprop(lr=0.02, momentum=0.8, maximize=true)",
    "RMSprop(lr=0.02, centered=true)",
    "RMSprop(lr=0.02, momentum=0.8, centered=true, weight_decay=0.1)",
    "Adagrad()",
    "Adagrad(lr=0.1, lr_decay=0.05, weight_decay=0.1, initial_accumulator_value=0.5, eps=1e-6, maximize=true)",
    "Adamax()",
    "Adamax(lr=0.05, betas=[0.8, 0.95], eps=1e-6, weight_decay=0.1, maximize=true)",
    "NAdam()",
    "NAdam(lr=0.05, betas=[0.8, 0.95], eps=1e-6, weight_decay=0.1, momentum_decay=0.1)",
    "NAdam(lr=0.05, weight_decay=0.1, decoupled_weight_decay=true, maximize=true)",
    "RAdam()",
    "RAdam(lr=0.05, betas=[0.8, 0.95], eps=1e-6, weight_decay=0.1)",
    "RAdam(lr=0.05, weight_decay=0.1, decoupled_weight_decay=true, maximize=true)",
    "Lion()",
    "Lion(lr=0.02, betas=[0.95, 0.98], weight_decay=0.3, maximize=true)",
    "Adafactor()",
    "Adafactor(lr=0.3, beta2_decay=-0.5, eps=[1e-3, 0.1], d=1.5, weight_decay=0.1, maximize=true)",
]
SCHEDULES = [
    "ConstantLR()",
    "ConstantLR(factor=0.25, total_iters=7)",
    "LinearLR()",
    "LinearLR(start_factor=0.1, end_factor=0.6, total_iters=11)",
    "StepLR(step_size=4)",
    "StepLR(step_size=7, gamma=0.6)",
    "MultiStepLR(milestones=[3, 3, 17], gamma=0.5)",
    "ExponentialLR(gamma=0.9)",
    "CosineAnnealingLR(T_max=30)",
    "CosineAnnealingLR(T_max=9, eta_min=0.02)",
    "CosineAnnealingWarmRestarts(T_0=7)",
    "CosineAnnealingWarmRestarts(T_0=4, T_mult=2, eta_min=0.01)",
    "PolynomialLR(total_iters=20, power=2.0)",
    "PolynomialLR()",
    "OneCycleLR(max_lr=0.5, total_steps=30)",
    "OneCycleLR(max_lr=0.5, epochs=5, steps_per_epoch=6, anneal_strategy=\"linear\", pct_start=0.4, div_factor=5.0)",
    "OneCycleLR(max_lr=0.5, total_steps=30, three_phase=true, base_momentum=0.7, max_momentum=0.9)",
    "OneCycleLR(max_lr=0.5, total_steps=30, cycle_momentum=false, final_div_factor=10.0)",
]
PLATEAUS = [
    "ReduceLROnPlateau()",
    "ReduceLROnPlateau(factor=0.5, patience=1, cooldown=2)",
    "ReduceLROnPlateau(mode=\"max\", factor=0.5, patience=2, threshold=0.1, threshold_mode=\"abs\", min_lr=0.02)",
    "ReduceLROnPlateau(factor=0.1, patience=0, threshold=0.05, eps=1e-4)",
]


def arguments(text):
    name, inside = re.fullmatch(r"(\w+)\((.*)\)", text).groups()
    return name, eval(f"dict({inside})", {"true": True, "false": False, "none": None})


def nadam(p, g, state, t, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, momentum_decay=4e-3, decoupled_weight_decay=False, maximize=False):
    g = -g if maximize else g
    if decoupled_weight_decay:
        p = p * (1 - lr * weight_decay)
    else:
        g = g + weight_decay * p
    mu, following = (betas[0] * (1 - 0.5 * 0.96 ** (s * momentum_decay)) for s in (t, t + 1))
    state["product"] = state.get("product", 1.0) * mu
    m = state["m"] = betas[0] * state.get("m", 0) + (1 - betas[0]) * g
    v = state["v"] = betas[1] * state.get("v", 0) + (1 - betas[1]) * g * g
    denominator = (v / (1 - betas[1] ** t)).sqrt() + eps
    p = p - lr * (1 - mu) / (1 - state["product"]) * g / denominator
    return p - lr * following / (1 - state["product"] * following) * m / denominator


def radam(p, g, state, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, decoupled_weight_decay=False, maximize=False):
    g = -g if maximize else g
    if decoupled_weight_decay:
        p = p * (1 - lr * weight_decay)
    else:
        g = g + weight_decay * p
    m = state["m"] = betas[0] * state.get("m", 0) + (1 - betas[0]) * g
    v = state["v"] = betas[1] * state.get("v", 0) + (1 - betas[1]) * g * g
    limit = 2 / (1 - betas[1]) - 1
    length = limit - 2 * t * betas[1] ** t / (1 - betas[1] ** t)
    step = lr * m / (1 - betas[0] ** t)
    if length > 5:
        r = ((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)) ** 0.5
        step = step * r * (1 - betas[1] ** t) ** 0.5 / (v.sqrt() + eps)
    return p - step


def lion(p, g, state, t, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0, maximize=False):
    g = -g if maximize else g
    m = state.get("m", torch.zeros_like(g))
    state["m"] = betas[1] * m + (1 - betas[1]) * g
    return p * (1 - lr * weight_decay) - lr * torch.sign(betas[0] * m + (1 - betas[0]) * g)


def adafactor(p, g, state, t, lr=1e-2, beta2_decay=-0.8, eps=(None, 1e-3), d=1.0, weight_decay=0.0, maximize=False):
    g = -g if maximize else g
    least = torch.finfo(p.dtype).eps if eps[0] is None else eps[0]
    beta = 1 - t**beta2_decay
    alpha = max(eps[1], (p * p).mean().sqrt().item()) * min(lr, t**-0.5)
    p = p * (1 - lr * weight_decay)
    if g.dim() > 1:
        rows = state["rows"] = beta * state.get("rows", 0) + (1 - beta) * (g * g).mean(-1, keepdim=True)
        columns = state["columns"] = beta * state.get("columns", 0) + (1 - beta) * (g * g).mean(-2, keepdim=True)
        v = rows * columns / rows.mean(-2, keepdim=True).clamp(min=least)
    else:
        v = state["v"] = beta * state.get("v", 0) + (1 - beta) * g * g
    u = g / v.clamp(min=least * least).sqrt()
    return p - alpha * u / max(1.0, (u * u).mean().sqrt().item() / d)


# PyTorch 1.13 multiplies NAdam's product of momenta by one factor too many, and its RAdam knows neither of two arguments.
FORMULAS = {"NAdam": nadam, "RAdam": radam, "Lion": lion, "Adafactor": adafactor}


def follow(text, starts, grads):
    """The storages after each step of STEPS."""
    name, options = arguments(text)
    params = [torch.tensor(start) for start in starts]
    formula = FORMULAS.get(name)
    if formula is None:
        optimizer = getattr(torch.optim, name)(params, **options)
    states = [{} for _ in params]
    seen = []
    for step in range(max(STEPS)):
        for index, grad in enumerate(grads):
            grad = torch.tensor(grad[step])
            if formula is None:
                params[index].grad = grad
            else:
                params[index] = formula(params[index], grad, states[index], step + 1, **options)
        if formula is None:
            optimizer.step()
        if step + 1 in STEPS:
            seen.append([param.detach().numpy().copy() for param in params])
    return [np.stack(storage) for storage in zip(*seen)]


def scheduled(text):
    name, options = arguments(text)
    optimizer = torch.optim.Adam([torch.zeros(1)], lr=0.2, betas=(0.123, 0.9))
    schedule = getattr(torch.optim.lr_scheduler, name)(optimizer, **options)
    rates = []
    for step in range(30):
        group = optimizer.param_groups[0]
        momentum = group["betas"][0]
        rates.append([group["lr"], np.nan if momentum == 0.123 else momentum])
        optimizer.step()
        if step < 29:
            schedule.step()
    return np.array(rates)


def reduced(text, losses):
    name, options = arguments(text)
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.2)
    schedule = getattr(torch.optim.lr_scheduler, name)(optimizer, **options)
    rates = []
    for loss in losses:
        rates.append(optimizer.param_groups[0]["lr"])
        schedule.step(loss)
    return np.array(rates)


def main():
    rng = np.random.default_rng(20261125)
    starts = [rng.standard_normal(shape) for shape in SHAPES]
    grads = [rng.standard_normal((max(STEPS), *shape)) * 0.3 for shape in SHAPES]
    arrays = {}
    for dtype, name in [(np.float64, "f64"), (np.float32, "f32")]:
        start, grad = ([array.astype(dtype) for array in arrays] for arrays in (starts, grads))
        for index in range(len(SHAPES)):
            arrays[f"{name}.start.{index}"] = start[index]
            arrays[f"{name}.grad.{index}"] = grad[index]
        for text in OPTIMIZERS:
            for index, values in enumerate(follow(text, start, grad)):
                arrays[f"{name}.{text}.{index}"] = values
    np.savez_compressed(HERE / "optimizers.npz", **arrays)
    losses = np.concatenate([1 / np.arange(1.0, 9), np.full(14, 0.13), 0.1 + 0.01 * rng.standard_normal(18)])
    arrays = {text: scheduled(text) for text in SCHEDULES}
    arrays |= {text: reduced(text, losses) for text in PLATEAUS}
    np.savez_compressed(HERE / "schedules.npz", losses=losses, **arrays)


main()
