"""Cases of resizing, of channels that become pixels, and of axes that are divided.

    Debian: python3-torch (1.13), and expecttest
"""

from reference import ints, module_cases, normal, op_cases, sample, write


def in_area(args, kwargs):
    return "mode=\"area\"" if "area" in args else None


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
])
module_cases("Upsample", [
    sample(scale_factor=factor, mode=mode, inputs=x1)
    for factor in [0.3, 0.5, 1.0, 1.9, 3.0] for mode in ["nearest", "nearest-exact", "linear"]
])
op_cases("nn.functional.interpolate", skip=in_area, without=["antialias"])
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
write()
