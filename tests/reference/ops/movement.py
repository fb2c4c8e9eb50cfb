"""Cases of operators that move elements or only change the shape, and of subscripts.

    Debian: python3-torch (1.13), and expecttest
"""

import torch
from reference import bools, case, ints, normal, op_cases, sample, write

torch.set_default_dtype(torch.float64)


def listed(texts):
    """Sizes and axes that Python takes one by one are a list."""
    first, *rest = texts
    return first, rest[0] if len(rest) == 1 and rest[0].startswith("[") else f"[{', '.join(rest)}]"


def is_tensor(value):
    return isinstance(value, torch.Tensor)


def of_a_scalar(args, kwargs):
    return "an axis of a scalar" if args[0].dim() == 0 and (args[1:] or kwargs) else None


def varargs(name):
    return lambda texts: f"{name}({', '.join(listed(texts))})"


for name in ["view", "reshape", "expand", "repeat", "tile", "broadcast_to"]:
    op_cases(name, write=varargs(name))
for name in ["view_as", "reshape_as", "expand_as"]:
    op_cases(name)
op_cases("permute", write=varargs("permute"))
for name in ["squeeze", "unsqueeze", "flatten", "t", "transpose", "movedim", "select", "diagonal", "diag"]:
    op_cases(name, skip=of_a_scalar if name in ["squeeze", "transpose"] else None)
op_cases("narrow", skip=lambda args, kwargs: "a tensor as the start" if is_tensor(args[2]) else None)
for name in ["tril", "triu", "roll", "flip", "repeat_interleave", "clone", "contiguous", "stack", "chunk", "unbind"]:
    op_cases(name, skip=lambda args, kwargs: "a tensor of repeats" if is_tensor(kwargs.get("repeats")) else None)
op_cases("split", variant="")
op_cases("split", variant="list_args")
op_cases("cat")
op_cases("concat", [sample([normal(2, 3), normal(1, 3), normal(0, 3)]), sample([normal(2, 1), normal(2, 3)], dim=-1)])


# Small tensors of every kind, where each element can be followed.
for draw in [normal, lambda *shape: ints(100, *shape), bools]:
    op_cases("permute", [sample(draw(2, 3, 4), [2, 0, -2]), sample(draw(2, 1, 3, 2), [0, 2, 1, 3])])
    op_cases("transpose", [sample(draw(2, 3, 4), 0, -1), sample(draw(3, 1), 1, 0)])
    op_cases("movedim", [sample(draw(2, 3, 4), 0, -1), sample(draw(2, 3, 4), [0, 1], [2, 0])])
    op_cases("t", [sample(draw(2, 3)), sample(draw(3)), sample(draw())])
    op_cases("flip", [sample(draw(2, 3, 4), [0, -1]), sample(draw(2, 0), [0])])
    op_cases("roll", [
        sample(draw(2, 3), 4),
        sample(draw(2, 3), -1, 1),
        sample(draw(2, 3, 4), [5, -1], [2, 0]),
        sample(draw(0, 3), 1, 0),
    ])
    op_cases("tril", [sample(draw(3, 4), -1), sample(draw(2, 3, 2), 1), sample(draw(2, 2), 9)])
    op_cases("triu", [sample(draw(3, 4), -1), sample(draw(2, 3, 2), 1), sample(draw(2, 2), 9)])
    op_cases("diagonal", [sample(draw(3, 4), 1), sample(draw(2, 3, 4), -1, 2, 0), sample(draw(2, 3), 7)])
    op_cases("diag", [sample(draw(3), 1), sample(draw(2), -2), sample(draw(3, 4), -1), sample(draw(0))])
    op_cases("cat", [sample([draw(2, 3), draw(2, 1), draw(2, 0)], 1), sample([draw(3), draw(2)])])
    op_cases("stack", [sample([draw(2, 3), draw(2, 3)], -2), sample([draw(), draw()])])
    op_cases("expand", [sample(draw(3, 1), [2, -1, 4]), sample(draw(), [2, 0])])
    op_cases("repeat", [sample(draw(2, 3), [2, 1, 2]), sample(draw(2), [0])])
    op_cases("tile", [sample(draw(2, 3), [2]), sample(draw(2), [2, 3])])
    op_cases("repeat_interleave", [sample(draw(2, 3), 2, dim=1), sample(draw(2, 3), 3)])
    op_cases("split", [sample(draw(2, 5), 2, dim=1), sample(draw(4, 2), [1, 3]), sample(draw(4), [4, 0])])
    op_cases("chunk", [sample(draw(5, 2), 2), sample(draw(2, 6), 3, dim=-1), sample(draw(5), 4), sample(draw(0), 2)])
    op_cases("unbind", [sample(draw(2, 3)), sample(draw(2, 3), dim=-1)])
    op_cases("narrow", [sample(draw(2, 5), 1, 1, 3), sample(draw(2, 5), -1, -2, 2), sample(draw(2, 5), 0, 2, 0)])
    op_cases("select", [sample(draw(2, 5), 1, -1), sample(draw(2, 5), 0, 0)])
    op_cases("squeeze", [sample(draw(2, 1, 3, 1)), sample(draw(2, 1, 3), 1), sample(draw(2, 1, 3), 2)])
    op_cases("unsqueeze", [sample(draw(2, 3), -1), sample(draw(), 0)])
    op_cases("flatten", [sample(draw(2, 3, 4), 1), sample(draw(2, 3, 4), -3, 1), sample(draw())])
    op_cases("reshape", [sample(draw(2, 6), [3, -1]), sample(draw(1), [])])
    op_cases("view", [sample(draw(2, 6), [3, -1]), sample(draw(0, 3), [3, 0])])

SUBSCRIPTS = [
    ("1", (2, 3), lambda x: x[1]),
    (":, -1", (2, 3), lambda x: x[:, -1]),
    ("..., 0:2", (2, 3, 4), lambda x: x[..., 0:2]),
    ("-2:, 1, :", (4, 3, 2), lambda x: x[-2:, 1, :]),
    ("1:-1, 2:2", (4, 3), lambda x: x[1:-1, 2:2]),
    ("0, ..., 1:3, -1", (2, 3, 4, 5), lambda x: x[0, ..., 1:3, -1]),
    ("...", (2, 3), lambda x: x[...]),
    ("1, 2", (2, 3), lambda x: x[1, 2]),
    (":2", (3,), lambda x: x[:2]),
]
for text, shape, pick in SUBSCRIPTS:
    for kind, draw in [("", normal), ("int", lambda *shape: ints(100, *shape)), ("bool", bools)]:
        program = f"input x: {kind}{list(shape)}\ny = x[{text}]\noutput y"
        case("index", program, {"x": draw(*shape)}, {}, lambda x, w, pick=pick: {"y": pick(x["x"])})

write()
