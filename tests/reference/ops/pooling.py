"""Cases of pooling, by windows and adaptive, as layers and as functions.

    Debian: python3-torch (1.13), and expecttest
"""

from itertools import product

import torch
from reference import given, module_cases, normal, op_cases, sample, write

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

def pooled(n, shape, **window):
    """What is put back, and where to."""
    x = torch.randn(shape, generator=torch.Generator().manual_seed(n), dtype=torch.float64)
    return [given(one) for one in getattr(torch.nn.functional, f"max_pool{n}d")(x, **window, return_indices=True)]


# Where windows overlap, PyTorch's gradient counts elements that others were written over; wnet's doesn't.
for n, shapes in [(1, [[2, 3, 6], [2, 7]]), (2, [[1, 2, 4, 6], [2, 5, 7]]), (3, [[1, 2, 2, 4, 2], [2, 3, 4, 5]])]:
    op_cases(f"nn.functional.max_unpool{n}d", variant="grad", most=20, largest=200)
    for shape in shapes:
        swept = ("output_size", shape[-n:])
        module_cases(f"MaxUnpool{n}d", [
            sample(2, inputs=[*pooled(n, shape, kernel_size=2), swept]),
            sample(2, inputs=[*pooled(n, shape, kernel_size=2), ("output_size", shape if len(shape) == n + 2 else shape[1:])]),
            sample(2, 2, 1, inputs=[*pooled(n, shape, kernel_size=2, stride=2, padding=1), swept]),
            sample(1, stride=2, inputs=[*pooled(n, shape, kernel_size=1, stride=2), swept]),
        ])
    even = [1, 2, *[4, 2, 6][:n]]
    module_cases(f"MaxUnpool{n}d", [sample(2, inputs=pooled(n, even, kernel_size=2))])
    op_cases(f"nn.functional.max_unpool{n}d", [sample(*pooled(n, even, kernel_size=2), 2)])
write()
