"""Cases of resizing, of channels that become pixels, and of axes that are divided.

    Debian: python3-torch (1.13), and expecttest
"""

import math

from reference import case, ints, module_cases, normal, op_cases, sample, write


x1, x2, x3 = [normal(2, 2, 5)], [normal(2, 2, 4, 3)], [normal(1, 2, 3, 2, 4)]
module_cases("Upsample", [
    sample(7, inputs=x1),
    sample(scale_factor=2, inputs=x2),
    sample(scale_factor=(2, 1.5), inputs=x2),
    sample(None, 0.6, "nearest", inputs=x3),
    sample((3, 4, 2), mode="trilinear", inputs=x3),
    sample(None, (2.5, 0.7, 1), "trilinear", True, inputs=x3),
    sample((9, 2), mode="bilinear", align_corners=True, inputs=x2),
    sample(1, mode="bilinear", align_corners=True, inputs=x2),
    sample(scale_factor=2.3, mode="bilinear", inputs=x2),
    sample(scale_factor=2.3, mode="bilinear", recompute_scale_factor=True, inputs=x2),
    sample(scale_factor=(0.4, 0.9), mode="bicubic", inputs=x2),
    sample((5, 7), mode="bicubic", align_corners=True, inputs=x2),
    sample(scale_factor=1.7, mode="linear", inputs=x1),
    sample(2, mode="linear", align_corners=True, inputs=x1),
    sample(8, mode="nearest-exact", inputs=x1),
    sample((3, 5), mode="nearest-exact", inputs=x2),
    sample(3, mode="area", inputs=x1),
    sample(None, (0.5, 2), "area", inputs=x2),
])
module_cases("Upsample", [
    sample(scale_factor=factor, mode=mode, inputs=x1)
    for factor in [0.3, 0.5, 1.0, 1.9, 3.0] for mode in ["nearest", "nearest-exact", "linear"]
])
op_cases("nn.functional.interpolate")
op_cases("nn.functional.interpolate", [
    sample(*x2, (3, 2), mode="area"),
    sample(*x1, 7, mode="area"),
    sample(*x3, (2, 3, 3), mode="area"),
    sample(*x2, None, (0.6, 1.5), mode="area"),
])
op_cases("nn.functional.interpolate", [
    sample(normal(1, 2, *shape), size, factor, mode, align_corners=corners, antialias=True)
    for shape in [(7, 5), (4, 9)]
    for size, factor in [((3, 2), None), ((2, 13), None), (1, None), (None, 0.4), (None, (2, 0.7))]
    for mode in ["bilinear", "bicubic"] for corners in [False, True]
])
for name, function, inputs in [
    ("PixelShuffle", "pixel_shuffle", [(1, [3, 2, 2]), (2, [2, 8, 1, 3]), (3, [9, 2, 1]), (2, [2, 1, 4, 2, 2])]),
    ("PixelUnshuffle", "pixel_unshuffle", [(1, [3, 2, 2]), (2, [2, 1, 4, 2]), (3, [2, 3, 6]), (2, [2, 2, 1, 2, 4])]),
]:
    module_cases(name, [sample(factor, inputs=[normal(*shape)]) for factor, shape in inputs])
    op_cases(f"nn.functional.{function}")
    op_cases(f"nn.functional.{function}", [sample(ints(9, 4, 4, 4), 2)])
module_cases("Flatten", [
    sample(inputs=[normal(2, 3, 4)]),
    sample(0, -1, inputs=[normal(2, 3, 4)]),
    sample(1, 2, inputs=[normal(2, 3, 4, 2)]),
    sample(-2, inputs=[normal(2, 1, 3, 2)]),
    sample(inputs=[normal(3, 0, 2)]),
    sample(inputs=[ints(5, 2, 2, 2)]),
])
module_cases("Unflatten", [
    sample(1, (2, 3), inputs=[normal(2, 6, 2)]),
    sample(-1, (4, 1, 2), inputs=[normal(3, 8)]),
    sample(0, (-1, 2), inputs=[normal(4, 2)]),
    sample(1, (3, -1), inputs=[normal(2, 0)]),
])
op_cases("unflatten")
for name in ["UpsamplingNearest2d", "UpsamplingBilinear2d"]:
    module_cases(name, [
        sample(7, inputs=x2),
        sample((3, 5), inputs=x2),
        sample(scale_factor=2, inputs=x2),
        sample(None, (0.7, 1.6), inputs=x2),
    ])


def shuffled(groups):
    """PyTorch 1.13 has no gradient of `channel_shuffle`."""
    return lambda x, w: {"y": x["x"].unflatten(1, (groups, -1)).transpose(1, 2).flatten(1, 2)}


for groups, shape in [(2, [2, 6, 2, 1]), (3, [1, 6, 2]), (1, [2, 3, 2]), (4, [1, 4, 1, 2, 2])]:
    declared = f"input x: {shape}\n"
    layer = f"layer f = ChannelShuffle({groups})\ny = f(x)\noutput y"
    case("ChannelShuffle", declared + layer, {"x": normal(*shape)}, {}, shuffled(groups))
    called = f"y = channel_shuffle(x, {groups})\noutput y"
    case("channel_shuffle", declared + called, {"x": normal(*shape)}, {}, shuffled(groups))
op_cases("nn.functional.channel_shuffle", [sample(ints(9, 2, 6, 2), 3)])
WINDOWS = [
    {"kernel_size": 2},
    {"kernel_size": (3, 2), "dilation": (1, 2)},
    {"kernel_size": 2, "padding": 1, "stride": 2},
    {"kernel_size": (2, 3), "dilation": 2, "padding": (1, 2), "stride": (1, 2)},
    {"kernel_size": 1, "padding": 2, "stride": 3},
    {"kernel_size": 4, "padding": 3, "dilation": 2},
]
module_cases("Unfold", [sample(**window, inputs=[normal(*shape)]) for window in WINDOWS for shape in [(2, 2, 4, 5), (1, 4, 3)]])
op_cases("nn.functional.unfold", most=30)
op_cases("nn.functional.unfold", [sample(normal(1, 2, 3, 3), 2, 1, 1, 2), sample(normal(2, 3, 3), (2, 1))])


def columns(kernel_size, dilation=1, padding=0, stride=1, **_):
    """How many patches an image of 4 by 5 has, and how many elements each of them has."""
    pair = lambda value: value if isinstance(value, tuple) else (value, value)
    sizes = zip((4, 5), pair(kernel_size), pair(dilation), pair(padding), pair(stride))
    places = [(size + 2 * p - d * (k - 1) - 1) // s + 1 for size, k, d, p, s in sizes]
    return math.prod(pair(kernel_size)), math.prod(places)


module_cases("Fold", [
    sample((4, 5), **window, inputs=[normal(*batch, 2 * columns(**window)[0], columns(**window)[1])])
    for window in WINDOWS for batch in [(2,), ()]
])
op_cases("nn.functional.fold", [sample(normal(1, 8, 6), (3, 4), 2), sample(normal(8, 6), (3, 4), 2, 1, 0, 1)])
write()
