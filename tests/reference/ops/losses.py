"""Cases of losses.

    Debian: python3-torch (1.13), and expecttest
"""

import torch
import torch.nn.functional as F
from reference import case, given, ints, normal, op_cases, positive, sample, uniform, write

torch.set_default_dtype(torch.float64)


def unsayable(args, kwargs):
    """Losses don't broadcast in wnet."""
    shapes = [value.shape for value in args if isinstance(value, torch.Tensor) and value.is_floating_point()]
    return "operands that broadcast" if len(set(shapes)) > 1 else None


ALIKE = ["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "kl_div", "poisson_nll_loss", "soft_margin_loss"]
for name in ALIKE + ["hinge_embedding_loss", "margin_ranking_loss", "multilabel_soft_margin_loss", "triplet_margin_loss"]:
    op_cases(f"nn.functional.{name}", skip=unsayable)
for name in ["binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "nll_loss"]:
    op_cases(f"nn.functional.{name}")
def one_target(args, kwargs):
    if args[0].ndim == 0:
        return "scalars have no classes"
    return "a target [1] of scores [C]" if args[0].ndim == 1 and args[1].ndim == 1 else None


op_cases("nn.functional.multi_margin_loss", skip=one_target)
op_cases("nn.functional.multilabel_margin_loss", skip=lambda args, _: "scalars have no classes" if args[0].ndim == 0 else None)
op_cases("nn.functional.cosine_embedding_loss")
op_cases("nn.functional.gaussian_nll_loss", skip=lambda args, kwargs: unsayable(args[:2], kwargs), most=60)

for reduction in ["mean", "sum", "none"]:
    options = {"reduction": reduction}
    x, t = normal(3, 4), normal(3, 4)
    op_cases("nn.functional.smooth_l1_loss", [sample(x, t, beta=0.3, **options), sample(x, t, beta=0.0, **options)])
    op_cases("nn.functional.huber_loss", [sample(x, t, delta=0.5, **options)])
    p = uniform(0.05, 0.95, 3, 4)
    op_cases("nn.functional.binary_cross_entropy", [
        sample(p, uniform(0.0, 1.0, 3, 4), positive(4), **options),
    ], constants=["x2"])
    # PyTorch's gradient of these targets is infinite, though no loss is.
    op_cases("nn.functional.binary_cross_entropy", [
        sample(given([0.0, 1.0, 0.0, 1.0]), given([0.0, 1.0, 1.0, 0.25]), **options),
    ], constants=["x1"])
    op_cases("nn.functional.binary_cross_entropy_with_logits", [
        sample(x, uniform(0.0, 1.0, 3, 4), positive(3, 1), pos_weight=positive(4), **options),
        sample(given([40.0, -40.0, 800.0, -800.0]), given([0.0, 1.0, 1.0, 0.0]), **options),
    ], constants=["x2", "x3"])
    op_cases("nn.functional.nll_loss", [
        sample(x, given([1, -100, 3]), **options),
        sample(normal(2, 3, 4), ints(3, 2, 4), positive(3), ignore_index=1, **options),
        sample(normal(3), given(1), **options),
    ], constants=["x2"])
    op_cases("nn.functional.multi_margin_loss", [
        sample(x, ints(4, 3), p=2, margin=0.7, weight=positive(4), **options),
        sample(x, ints(4, 3), **options),
        sample(normal(4), given(2), **options),
    ], constants=["x2"])
    op_cases("nn.functional.multilabel_margin_loss", [
        sample(x, given([[3, 0, -1, 1], [-1, 0, 0, 0], [0, 1, 2, 3]]), **options),
        sample(normal(4), given([1, 1, -1, 0]), **options),
    ])
    op_cases("nn.functional.triplet_margin_loss", [
        sample(x, normal(3, 4), normal(3, 4), margin=5.0, p=p, swap=swap, eps=0.1, **options)
        for p in [1.0, 2.0, 3.0]
        for swap in [False, True]
    ])
    op_cases("nn.functional.cosine_embedding_loss", [
        sample(normal(4, 3), normal(4, 3), given([1, -1, -1, 1]), margin=-0.9, **options),
        sample(normal(3), normal(3), given(1), **options),
    ])
    op_cases("nn.functional.kl_div", [sample(x, given([[0.5, 0.0, 0.3, 0.2]] * 3), **options)], constants=["x1"])
    op_cases("nn.functional.gaussian_nll_loss", [
        sample(x, t, positive(3, 4), full=True, **options),
        sample(x, t, positive(3, 1), **options),
        sample(x, t, positive(3), **options),
        sample(x, t, given([[0.0, 1e-9, 1.0, 2.0]] * 3), eps=0.5, **options),
    ])
    op_cases("nn.functional.multilabel_soft_margin_loss", [
        sample(x, given([[1.0, 0.0, 0.0, 1.0]] * 3), positive(4), **options),
        sample(normal(2, 3, 4), positive(2, 3, 4), **options),
    ])
    op_cases("nn.functional.cross_entropy", [
        sample(normal(2, 3, 4), ints(3, 2, 4), positive(3), ignore_index=1, label_smoothing=0.2, **options),
        sample(normal(2, 3, 4), uniform(0.0, 1.0, 2, 3, 4), label_smoothing=0.2, **options),
        sample(normal(3), given(1), label_smoothing=0.1, **options),
        sample(normal(3), uniform(0.0, 1.0, 3), **options),
        sample(x, given([1, -100, 3]), **options),
        sample(x, uniform(0.0, 1.0, 3, 4), positive(4), label_smoothing=0.1, **options),
    ], constants=["x2"])
op_cases("nn.functional.kl_div", [
    sample(normal(3, 4), normal(3, 4), reduction="batchmean", log_target=True),
    sample(normal(3, 4), positive(3, 4), reduction="batchmean"),
])


def moved(function):
    """The classes on the last axis, which `dim=-1` says in wnet."""
    return lambda x, w: {"y": function(x["x"].transpose(1, 2), x["t"])}


for name, function in [("cross_entropy", F.cross_entropy), ("nll_loss", F.nll_loss)]:
    case(
        name,
        f"input x: [2, 5, 3]\ninput t: int[2, 5]\ny = {name}(x, t, dim=-1)\noutput y",
        {"x": normal(2, 5, 3), "t": ints(3, 2, 5)},
        {},
        moved(function),
    )


def weighted(reduction):
    """PyTorch gives no gradient of the weights of losses, so the formulas are written out for them."""

    def entropy(x, w):
        loss = -(x["t"] * torch.log(x["x"]) + (1 - x["t"]) * torch.log(1 - x["x"])) * x["w"]
        return {"y": {"mean": loss.mean, "sum": loss.sum, "none": loss.clone}[reduction]()}

    def logits(x, w):
        yes, no = F.logsigmoid(x["x"]), F.logsigmoid(-x["x"])
        loss = -(x["p"] * x["t"] * yes + (1 - x["t"]) * no) * x["w"]
        return {"y": {"mean": loss.mean, "sum": loss.sum, "none": loss.clone}[reduction]()}

    def picked(x, w):
        weights = x["w"][x["t"]]
        loss = -x["x"].gather(1, x["t"].unsqueeze(1)).squeeze(1) * weights
        total = {"mean": lambda: loss.sum() / weights.sum(), "sum": loss.sum, "none": loss.clone}[reduction]()
        return {"y": total}

    def margin(x, w):
        target = x["t"].unsqueeze(1)
        hinge = torch.clamp(1.0 - x["x"].gather(1, target) + x["x"], min=0.0) ** 2
        others = torch.ones_like(hinge).scatter(1, target, 0.0)
        loss = (hinge * others).sum(1) * x["w"][x["t"]] / hinge.shape[1]
        return {"y": {"mean": loss.mean, "sum": loss.sum, "none": loss.clone}[reduction]()}

    return entropy, logits, picked, margin


for reduction in ["mean", "sum", "none"]:
    entropy, logits, picked, margin = weighted(reduction)
    text = f'reduction="{reduction}"'
    case(
        "binary_cross_entropy",
        f"input x: [3, 4]\ninput t: [3, 4]\ninput w: [3, 1]\ny = binary_cross_entropy(x, t, w, {text})\noutput y",
        {"x": uniform(0.05, 0.95, 3, 4), "t": uniform(0.0, 1.0, 3, 4), "w": positive(3, 1)},
        {},
        entropy,
    )
    case(
        "binary_cross_entropy_with_logits",
        "input x: [3, 4]\ninput t: [3, 4]\ninput w: [3, 1]\ninput p: [4]\n"
        f"y = binary_cross_entropy_with_logits(x, t, w, {text}, pos_weight=p)\noutput y",
        {"x": normal(3, 4), "t": uniform(0.0, 1.0, 3, 4), "w": positive(3, 1), "p": positive(4)},
        {},
        logits,
    )
    for name, more, function in [("nll_loss", "", picked), ("multi_margin_loss", "p=2, ", margin)]:
        case(
            name,
            f"input x: [6, 4]\ninput t: int[6]\ninput w: [4]\ny = {name}(x, t, {more}weight=w, {text})\noutput y",
            {"x": normal(6, 4), "t": ints(4, 6), "w": positive(4)},
            {},
            function,
        )
# Nothing left to average, classes that weigh nothing, no examples, scores that an exponential can't hold.
for reduction in ["mean", "sum", "none"]:
    options, x = {"reduction": reduction}, normal(3, 4)
    ignored, absent = given([-100, -100, -100]), given([2.0, 0.0, 0.0, 1.0])
    for name in ["cross_entropy", "nll_loss"]:
        op_cases(f"nn.functional.{name}", [
            sample(x, ignored, **options),
            sample(x, ignored, positive(4), **options),
            sample(x, given([1, 1, 1]), ignore_index=1, **options),
            sample(x, given([1, 2, 1]), absent, **options),
            sample(x, given([1, 3, 0]), absent, **options),
            sample(normal(0, 4), ints(4, 0), **options),
            sample(normal(2, 3, 0), ints(3, 2, 0), **options),
            sample(normal(3, 1), given([0, 0, 0]), **options),
        ], constants=["x2"])
    op_cases("nn.functional.cross_entropy", [
        sample(x, ignored, label_smoothing=0.1, **options),
        sample(x, ignored, positive(4), label_smoothing=0.1, **options),
        sample(x, given([1, -100, 3]), positive(4), label_smoothing=0.3, **options),
        sample(x, given([1, 2, 1]), absent, label_smoothing=0.3, **options),
        sample(x, ints(4, 3), label_smoothing=1.0, **options),
        sample(given([[800.0, -800.0], [-1e4, 0.0], [30.0, 30.0]]), given([1, 1, 0]), **options),
        sample(given([[800.0, -800.0], [-1e4, 0.0], [30.0, 30.0]]), given([[0.5, 0.5], [1.0, 0.0], [0.0, 0.0]]), **options),
        sample(normal(0, 4), uniform(0.0, 1.0, 0, 4), **options),
        sample(x, given([[0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 0.0, 0.0]]), absent, **options),
    ], constants=["x2"])


def last(**options):
    return lambda x, w: {"y": F.cross_entropy(x["x"].movedim(-1, 1), x["t"], **options, **({"weight": x["w"]} if "w" in x else {}))}


def last_dense(**options):
    return lambda x, w: {"y": F.cross_entropy(x["x"].movedim(-1, 1), x["t"].movedim(-1, 1), x["w"], **options)}


# `dim`, beside all that may stand with it.
for reduction in ["mean", "sum", "none"]:
    text = f'ignore_index=2, reduction="{reduction}", label_smoothing=0.2'
    case(
        "cross_entropy",
        f"input x: [2, 5, 3, 4]\ninput t: int[2, 5, 3]\ninput w: [4]\ny = cross_entropy(x, t, w, {text}, dim=-1)\noutput y",
        {"x": normal(2, 5, 3, 4), "t": ints(4, 2, 5, 3), "w": positive(4)},
        {},
        last(ignore_index=2, reduction=reduction, label_smoothing=0.2),
        constants=["w"],
    )
    case(
        "cross_entropy",
        f"input x: [2, 5, 3]\ninput t: [2, 5, 3]\ninput w: [3]\n"
        f'y = cross_entropy(x, t, w, reduction="{reduction}", label_smoothing=0.2, dim=2)\noutput y',
        {"x": normal(2, 5, 3), "t": uniform(0.0, 1.0, 2, 5, 3), "w": positive(3)},
        {},
        last_dense(reduction=reduction, label_smoothing=0.2),
        constants=["w"],
    )
write()
