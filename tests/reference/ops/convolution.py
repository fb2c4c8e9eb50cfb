"""Cases of convolutions, transposed ones among them, as layers and as functions.

    Debian: python3-torch (1.13), and expecttest
"""

from itertools import product

from reference import module_cases, normal, op_cases, sample, write

SIZES = {1: [7], 2: [5, 4], 3: [3, 3, 3]}


def layers(n):
    """What PyTorch's samples don't cover: each argument at several values, in turn with others."""
    size = SIZES[n]
    for batch, kernel, stride, dilation in product([[2], []], [1, 2, 3], [1, 2], [1, 2]):
        if all(dilation * (kernel - 1) < one for one in size):
            yield sample(2, 3, kernel, stride, 0, dilation, inputs=[normal(*batch, 2, *size)])
    for mode, padding in product(["zeros", "reflect", "replicate", "circular"], [1, [1, 2, 2][:n], "same"]):
        yield sample(4, 4, 2 if padding == "same" else 3, padding=padding, padding_mode=mode, groups=2,
                     inputs=[normal(2, 4, *size)])
    for mode in ["zeros", "reflect", "replicate", "circular"]:
        yield sample(4, 8, 4, padding="same", padding_mode=mode, inputs=[normal(1, 4, *size)])
    kernel = [2, 3, 1][:n]
    yield sample(4, 8, kernel, stride=list(range(1, n + 1)), padding=[0, 2, 1][-n:], groups=4, bias=False,
                 inputs=[normal(1, 4, *size)])
    yield sample(6, 6, kernel, groups=6, padding="valid", inputs=[normal(2, 6, *size)])
    yield sample(6, 12, kernel, groups=3, dilation=2, padding=2, inputs=[normal(1, 6, *size)])
    yield sample(1, 5, 2, padding=1, stride=3, inputs=[normal(0, 1, *size)])
    yield sample(16, 5, 1, inputs=[normal(2, 16, *[2] * n)])
    # More rows and columns than a tile has.
    yield sample(40, 5, 3, padding=1, bias=False, inputs=[normal(1, 40, *[5, 3, 2][:n])]) if n < 3 else sample(
        12, 4, 3, padding=1, inputs=[normal(1, 12, 3, 3, 3)])


def transposed_layers(n):
    size = {1: [5], 2: [3, 4], 3: [2, 3, 2]}[n]
    for batch, kernel, stride, dilation in product([[2], []], [1, 2, 3], [1, 2, 3], [1, 2]):
        if n < 3 or kernel * stride * dilation < 9:
            yield sample(2, 3, kernel, stride, dilation=dilation, inputs=[normal(*batch, 2, *size)])
    for groups, outputs in [(1, 1), (1, 5), (2, 2), (2, 8), (4, 4), (4, 8)]:
        yield sample(4, outputs, 2, stride=2, padding=1, output_padding=1, groups=groups, bias=groups != 2,
                     inputs=[normal(2, 4, *size)])
    for chosen in [[2, 1, 0][:n], [0, 2, 1][:n]]:
        least = [(one - 1) * 3 - 2 + 4 for one in size]
        chosen = [one + more for one, more in zip(least, chosen)]
        # The sizes alone, the axes of batch and channels too, and for one image.
        yield sample(2, 3, 4, stride=3, padding=1, inputs=[normal(1, 2, *size), ("output_size", chosen)])
        yield sample(2, 3, 4, stride=3, padding=1, inputs=[normal(1, 2, *size), ("output_size", [1, 3, *chosen])])
        yield sample(2, 3, 4, stride=3, padding=1, inputs=[normal(2, *size), ("output_size", chosen)])
    yield sample(2, 3, [3, 2, 2][:n], stride=[2, 3, 1][:n], padding=[1, 0, 1][:n], output_padding=[1, 2, 0][:n],
                 inputs=[normal(1, 2, *size)])


for n in [1, 2, 3]:
    for name in [f"Conv{n}d", f"ConvTranspose{n}d"]:
        own = layers(n) if name == f"Conv{n}d" else transposed_layers(n)
        module_cases(name, list(own), largest=1200)
        module_cases(name)
    if n < 3:
        op_cases(f"nn.functional.conv{n}d")
    else:
        op_cases("nn.functional.conv3d", [
            sample(normal(2, 2, 3, 3, 2), normal(3, 2, 2, 2, 2), normal(3), padding=[1, 0, 1]),
            sample(normal(4, 3, 3, 2), normal(4, 2, 2, 3, 1), stride=2, padding=1, groups=2),
            sample(normal(1, 2, 3, 4, 3), normal(2, 2, 2, 2, 2), None, 1, "same", 1),
        ])
    op_cases(f"nn.functional.conv_transpose{n}d")

write()
