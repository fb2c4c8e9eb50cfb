"""Cases of `Linear`, `softmax`, `log_softmax` and `matmul`.

    Debian: python3-torch (1.13), and expecttest
"""

from reference import module_cases, normal, op_cases, sample, write

module_cases("Linear", [
    sample(10, 8, inputs=[normal(4, 10)]),
    sample(10, 8, bias=False, inputs=[normal(4, 10)]),
    sample(3, 5, inputs=[normal(3)]),
    sample(3, 5, inputs=[normal(2, 1, 4, 3)]),
    sample(1, 1, inputs=[normal(1, 1)]),
    sample(3, 5, inputs=[normal(0, 3)]),
    sample(3, 5, False, inputs=[normal(0, 2, 3)]),
    sample(70, 2, inputs=[normal(2, 70)]),
    sample(2, 70, inputs=[normal(2, 2)]),
    sample(1, 3, inputs=[normal(2, 3, 1)]),
    sample(4, 1, inputs=[normal(2, 1, 1, 3, 4)]),
])
module_cases("Linear")


def one_axis(args, kwargs):
    return "a scalar has no axes" if args[0].ndim == 0 else None


for name in ["softmax", "log_softmax"]:
    op_cases(name, skip=one_axis, order=["input", "dim"])
    op_cases(name, [sample(normal(*shape), dim) for shape, dim in [
        ((2, 3, 4, 2), 1), ((2, 3, 4, 2), -4), ((1, 6), 0), ((6, 1), 1), ((0, 3), 1), ((3, 0), 1), ((200,), 0),
        ((2, 130), 0), ((130, 2), 0),
    ]], order=["input", "dim"])
op_cases("matmul")
op_cases("matmul", [sample(normal(*a), normal(*b)) for a, b in [
    ((2, 1, 3, 4), (5, 4, 2)), ((2, 1, 3, 4), (1, 5, 4, 2)), ((3, 4), (2, 2, 4, 3)), ((1, 2, 3), (4, 3, 2)),
    ((2, 3, 4), (4,)), ((4,), (2, 3, 4, 2)), ((1, 1), (1, 1)), ((1, 4), (4, 1)), ((4, 1), (1, 4)), ((0, 3), (3, 2)),
    ((2, 0, 3), (3, 2)), ((2, 3, 0), (0, 2)), ((3, 70), (70, 2)), ((70, 2), (2, 3)), ((6, 1, 1, 2), (2, 3)),
]])
write()
