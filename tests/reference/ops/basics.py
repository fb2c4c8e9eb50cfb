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
])
module_cases("Linear")


def one_axis(args, kwargs):
    return "a scalar has no axes" if args[0].ndim == 0 else None


for name in ["softmax", "log_softmax"]:
    op_cases(name, skip=one_axis, order=["input", "dim"])
op_cases("matmul")
write()
