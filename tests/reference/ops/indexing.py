"""Cases of operators that look elements up by an int tensor, and of masks.

    Debian: python3-torch (1.13), and expecttest
"""

import torch
from reference import bools, given, ints, normal, op_cases, sample, write

torch.set_default_dtype(torch.float64)


def of_a_scalar(args, kwargs):
    return "an axis of a scalar" if args[0].dim() == 0 else None


def is_unsayable(args, kwargs):
    if "reduce" in kwargs:
        return "reduce"
    return of_a_scalar(args, kwargs)


for name in ["gather", "take_along_dim", "index_select", "index_add", "scatter_add"]:
    op_cases(name, skip=of_a_scalar)
op_cases("scatter", skip=is_unsayable)
op_cases("masked_fill")

for draw in [normal, lambda *shape: ints(100, *shape)]:
    op_cases("gather", [
        sample(draw(3, 4), 1, ints(4, 3, 2)),
        sample(draw(3, 4), 0, ints(3, 5, 2)),
        sample(draw(2, 3, 4), -1, ints(4, 1, 3, 6)),
        sample(draw(4), 0, ints(4, 0)),
        sample(draw(0, 4), 0, ints(1, 0, 4)),
    ])
    op_cases("take_along_dim", [
        sample(draw(3, 4), ints(4, 3, 2), 1),
        sample(draw(3, 4), ints(3, 2, 1), 0),
        sample(draw(1, 4, 2), ints(4, 3, 2, 1), -2),
        sample(draw(3, 4), ints(12, 2, 2)),
    ])
    op_cases("index_select", [sample(draw(2, 3, 4), 1, ints(3, 5)), sample(draw(2, 3), -1, ints(3))])
    op_cases("scatter_add", [
        sample(draw(3, 4), 1, ints(4, 3, 6), draw(3, 6)),
        sample(draw(3, 4), 0, ints(3, 2, 2), draw(2, 2)),
    ])
    op_cases("index_add", [
        sample(draw(2, 3, 2), 1, ints(3, 4), draw(2, 4, 2)),
        sample(draw(3, 2), 0, ints(3, 2), draw(2, 2), alpha=-2),
    ])
    op_cases("masked_fill", [sample(draw(3, 4), bools(3, 1), 2), sample(draw(4), bools(2, 4), 0)])
    # PyTorch's gradient of values that are written twice is wrong, so each is written once.
    op_cases("scatter", [
        sample(draw(2, 4), 1, given([[2, 0], [1, 3]]), draw(2, 2)),
        sample(draw(3, 2), 0, given([[2, 0]]), draw(1, 2)),
        sample(draw(2, 4), 1, given([[2, 0], [1, 1]]), 7),
    ])
    # Of values that are longer than the indices PyTorch has no gradient.
    op_cases("scatter_add", [sample(draw(3, 4), 0, ints(3, 2, 2), draw(3, 4))], constants=["x2"])
    op_cases("scatter", [sample(draw(2, 4), 1, given([[2, 0], [1, 3]]), draw(2, 3))], constants=["x2"])
op_cases("masked_fill", [sample(normal(2, 3), bools(3), normal()), sample(bools(4), bools(4), True)])
op_cases("gather", [sample(bools(3, 4), 1, ints(4, 3, 2))])
op_cases("index_select", [sample(bools(3), 0, ints(3, 2))])
op_cases("scatter", [sample(bools(4), 0, given([1, 3]), bools(2))])
op_cases("nn.functional.one_hot", [
    sample(ints(4, 2, 3), 4),
    sample(ints(5, 4), num_classes=6),
    sample(ints(3), 3),
    sample(ints(3, 0), 3),
])

write()
