"""Cases of pooling, by windows and adaptive, as layers and as functions.

    Debian: python3-torch (1.13), and expecttest
"""

from itertools import product

from reference import module_cases, normal, op_cases, sample, write

SIZES = {1: [9], 2: [5, 6], 3: [3, 4, 4]}


def windows(n, **arguments):
    """Windows of several sizes, strides and paddings, with these arguments at each of their values."""
    size = SIZES[n]
    kernels = [(2, None, 0), (3, 2, 1), (1, 2, 0), (3, 1, 0), (2, 3, 1), ([3, 1, 2][:n], [2, 3, 1][:n], [1, 0, 1][:n])]
    for (kernel, stride, padding), batch, *values in product(kernels, [[2], []], *arguments.values()):
        more = dict(zip(arguments, values))
        largest = kernel if isinstance(kernel, int) else max(kernel)
        if more.get("dilation", 1) * (largest - 1) < min(size):
            yield sample(kernel, stride, padding, **more, inputs=[normal(*batch, 2, *size)])


for n in [1, 2, 3]:
    size = SIZES[n]
    module_cases(
        f"MaxPool{n}d", windows(n, dilation=[1, 2], return_indices=[False, True], ceil_mode=[False, True]), most=40
    )
    override = {} if n == 1 else {"divisor_override": [None, 3, -2]}
    module_cases(f"AvgPool{n}d", windows(n, ceil_mode=[False, True], count_include_pad=[True, False], **override), most=40)
    outputs = [1, 2, size[0], size[0] + 2] + ([[3, 1, 2][:n], [None, 2, 3][:n], [2, None, None][:n]] if n > 1 else [])
    for batch in [[2], []]:
        inputs = [normal(*batch, 2, *size)]
        module_cases(f"AdaptiveAvgPool{n}d", [sample(output, inputs=inputs) for output in outputs])
        module_cases(
            f"AdaptiveMaxPool{n}d", [sample(output, flag, inputs=inputs) for output in outputs for flag in [False, True]]
        )
    for name in [f"max_pool{n}d", f"avg_pool{n}d", f"adaptive_avg_pool{n}d", f"adaptive_max_pool{n}d"]:
        op_cases(f"nn.functional.{name}", most=40)

module_cases("AvgPool1d")
module_cases("AdaptiveAvgPool2d")
write()
