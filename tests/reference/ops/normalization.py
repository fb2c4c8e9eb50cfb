"""Cases of normalizations, as layers and as functions, of similarities and distances.

    Debian: python3-torch (1.13), and expecttest
"""

import torch
from reference import case, given, module_cases, normal, op_cases, positive, sample, write

torch.set_default_dtype(torch.float64)

BOTH = ("eval", "train")
AFFINE = [{}, {"affine": False}, {"track_running_stats": False}, {"affine": False, "track_running_stats": False}]


def of_shapes(shapes, settings):
    """`sample` of the number of channels, for every shape and setting."""
    return [sample(3, inputs=[normal(*shape)], **setting) for shape in shapes for setting in settings]


for axes, shapes in {
    1: [(4, 3), (2, 3, 4)],
    2: [(2, 3, 2, 4), (1, 3, 2, 2), (3, 3, 1, 1)],
    3: [(2, 3, 2, 1, 2)],
}.items():
    more = [{"eps": 0.1, "momentum": 0.3}, {"momentum": 0.0}, {"momentum": 1.0}]
    module_cases(f"BatchNorm{axes}d", of_shapes(shapes, AFFINE + more), modes=BOTH)
# Of two values little more than eps keeps the gradient from 0, so single precision has few digits of it.
module_cases("BatchNorm1d", of_shapes([(2, 3, 1)], AFFINE), modes=BOTH, f64_only=True)
for axes, shapes in {
    1: [(2, 3, 4), (3, 5)],
    2: [(2, 3, 2, 4), (3, 4, 2)],
    3: [(2, 3, 2, 1, 2), (3, 2, 2, 2)],
}.items():
    more = [{"eps": 0.1, "momentum": 0.3, "track_running_stats": True}, {"affine": True, "track_running_stats": True}]
    module_cases(f"InstanceNorm{axes}d", of_shapes(shapes, [{}, {"affine": True}] + more), modes=BOTH)
module_cases("GroupNorm", [
    sample(2, 6, inputs=[normal(3, 6, 2)]),
    sample(1, 4, inputs=[normal(2, 4)]),
    sample(4, 4, eps=0.1, inputs=[normal(2, 4, 2, 3)]),
    sample(3, 6, affine=False, inputs=[normal(1, 6, 1, 2, 2)]),
])
module_cases("LayerNorm", [
    sample(4, inputs=[normal(3, 4)]),
    sample([2, 3], eps=0.1, inputs=[normal(2, 4, 2, 3)]),
    sample(4, elementwise_affine=False, inputs=[normal(2, 3, 4)]),
    sample([3, 1], inputs=[normal(3, 1)]),
    sample(4, inputs=[normal(0, 4)]),
])
module_cases("LocalResponseNorm", [
    sample(2, inputs=[normal(2, 5, 3)]),
    sample(5, alpha=0.5, beta=1.5, k=2.0, inputs=[normal(1, 6, 2, 2)]),
    sample(9, alpha=0.5, inputs=[normal(2, 4, 1, 2, 2)]),
])
op_cases("nn.functional.local_response_norm")
# Some of these have two values too.
for name in ["layer_norm", "group_norm"]:
    op_cases(f"nn.functional.{name}", f64_only=True)


def unsayable(args, kwargs):
    if args[0].ndim == 1:
        return "a single axis"
    return "no statistics" if args[1:3] == (None, None) and not kwargs.get("training") else None


op_cases("nn.functional.batch_norm", skip=unsayable, order=["input", "running_mean", "running_var", "weight", "bias"])
op_cases("nn.functional.instance_norm")
op_cases("nn.functional.layer_norm", [
    sample(normal(2, 3, 4), [3, 4], normal(3, 4), normal(3, 4), eps=0.1),
    sample(normal(3, 4), [4], normal(4)),
    sample(normal(3, 4), [4], bias=normal(4)),
])
op_cases("nn.functional.group_norm", [
    sample(normal(2, 6, 3), 3, normal(6), normal(6), eps=0.1),
    sample(normal(2, 4, 2, 2), 1),
])
op_cases("nn.functional.batch_norm", [
    sample(normal(4, 3), given([0.1, -2.0, 1.0]), given([0.5, 1.0, 2.0]), normal(3), normal(3), eps=0.1),
    sample(normal(2, 3, 4), given([0.1, -2.0, 1.0]), given([0.5, 1.0, 2.0])),
    sample(normal(2, 3, 2, 2), None, None, normal(3), normal(3), training=True),
], constants=["x1", "x2"])


def batch_norm(x, _):
    """PyTorch has no gradient of running statistics, so the formula is written out for them."""
    shape = [1, 3, 1]
    centred = x["x"] - x["m"].reshape(shape)
    return {"y": centred / torch.sqrt(x["v"].reshape(shape) + 1e-5) * x["w"].reshape(shape)}


case(
    "batch_norm",
    "input x: [2, 3, 4]\ninput m: [3]\ninput v: [3]\ninput w: [3]\ny = batch_norm(x, m, v, w)\noutput y",
    {"x": normal(2, 3, 4), "m": normal(3), "v": positive(3), "w": normal(3)},
    {},
    batch_norm,
)
case(
    "instance_norm",
    "input x: [2, 3, 4]\ninput m: [3]\ninput v: [3]\ninput w: [3]\n"
    "y = instance_norm(x, m, v, w, use_input_stats=false)\noutput y",
    {"x": normal(2, 3, 4), "m": normal(3), "v": positive(3), "w": normal(3)},
    {},
    batch_norm,
)


def rms_norm(x, weight, axes, eps):
    """Later versions of PyTorch have it; 1.13 hasn't."""
    square = (x * x).mean(axes, keepdim=True)
    return x * torch.rsqrt(square + eps) * (1.0 if weight is None else weight)


for shape, sizes, text, eps in [
    ([3, 4], [4], "4, eps=1e-6", 1e-6),
    ([2, 3, 4], [3, 4], "[3, 4], 0.1", 0.1),
    ([2, 3, 1], [1], "1, 0.5", 0.5),
]:
    axes = tuple(range(-len(sizes), 0))
    rows = {"x": normal(*shape)}
    case(
        "RMSNorm",
        f"input x: {shape}\nlayer f = RMSNorm({text})\ny = f(x)\noutput y",
        rows,
        {"f.weight": normal(*sizes)},
        lambda x, w, axes=axes, eps=eps: {"y": rms_norm(x["x"], w["f.weight"], axes, eps)},
    )
    case(
        "RMSNorm",
        f"input x: {shape}\nlayer f = RMSNorm({text}, elementwise_affine=false)\ny = f(x)\noutput y",
        rows,
        {},
        lambda x, w, axes=axes, eps=eps: {"y": rms_norm(x["x"], None, axes, eps)},
    )
    case(
        "rms_norm",
        f"input x: {shape}\ninput w: {sizes}\ny = rms_norm(x, {sizes}, w, eps={eps})\noutput y",
        {**rows, "w": normal(*sizes)},
        {},
        lambda x, w, axes=axes, eps=eps: {"y": rms_norm(x["x"], x["w"], axes, eps)},
    )
# Without eps it is that of the float type.
case(
    "rms_norm",
    "input x: [3, 4]\ny = rms_norm(x, 4)\noutput y",
    {"x": lambda rng: rng.standard_normal((3, 4)) * 1e-8},
    {},
    lambda x, w: {"y": rms_norm(x["x"], None, (-1,), torch.finfo(torch.float64).eps)},
    f64_only=True,
)



def scalars(args, kwargs):
    return "scalars have no axis" if args[0].ndim == 0 else None


op_cases("nn.functional.normalize", skip=scalars)
op_cases("nn.functional.normalize", [sample(normal(3, 4), p=1, dim=0), sample(normal(2, 3, 4), 3.0, -1, 10.0)])
op_cases("nn.functional.cosine_similarity", skip=scalars)
op_cases("nn.functional.pairwise_distance", skip=scalars)
op_cases("nn.functional.pairwise_distance", [
    sample(normal(3, 4), normal(3, 4), p=1),
    sample(normal(2, 3, 4), normal(4), 3.0, 0.1, True),
])
module_cases("CosineSimilarity", [
    sample(inputs=[normal(3, 4), normal(3, 4)]),
    sample(-1, 1e-4, inputs=[normal(2, 3, 4), normal(3, 1)]),
])
module_cases("PairwiseDistance", [
    sample(inputs=[normal(3, 4), normal(3, 4)]),
    sample(p=1, eps=0.1, keepdim=True, inputs=[normal(2, 3, 4), normal(3, 4)]),
])
op_cases("cdist", order=["x1", "x2", "p", "compute_mode"], largest=200, most=30)
op_cases("cdist", [
    sample(normal(3, 4), normal(2, 4), p) for p in [0.0, 0.5, 1.0, 2.0, 3.0, float("inf")]
])
op_cases("cdist", [
    sample(normal(2, 1, 3, 4), normal(3, 2, 4), 1.0),
    sample(normal(2, 3, 4), normal(2, 1, 4)),
    sample(normal(0, 4), normal(2, 4)),
    sample(normal(3, 0), normal(2, 0)),
    sample(given([[0.0, 1.0], [2.0, 2.0]]), given([[0.0, 1.0], [2.0, 1.0]])),
])
write()
