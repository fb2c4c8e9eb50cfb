"""Cases of tensors that are made of numbers, of conversions and of constants, and of position encodings, for which
PyTorch has no functions: their formulas stand here. What is drawn at random can't be compared.

    Debian: python3-torch (1.13), and expecttest
"""

import torch
from reference import bools, case, ints, normal, op_cases, sample, write

torch.set_default_dtype(torch.float64)
TYPES = {"float": torch.float64, "int": torch.int64, "bool": torch.bool}


def made(op, text, function):
    """A case without operands."""
    case(op, f"y = {text}\noutput y", {}, {}, lambda x, w: {"y": function()})


def of(op, text, kind, shape, function):
    """A case of one operand, which is multiplied by the result so that it is needed."""
    draw = {"float": normal, "int": lambda *shape: ints(9, *shape), "bool": bools}[kind]
    declared = f"input x: {'' if kind == 'float' else kind}{list(shape)}"
    case(op, f"{declared}\ny = {text}\noutput y", {"x": draw(*shape)}, {}, lambda x, w: {"y": function(x["x"])})


for word, dtype in TYPES.items():
    made("zeros", f'zeros([2, 3], "{word}")', lambda dtype=dtype: torch.zeros(2, 3, dtype=dtype))
    made("ones", f'ones(2, dtype="{word}")', lambda dtype=dtype: torch.ones(2, dtype=dtype))
    made("full", f'full([2], 3.7, dtype="{word}")', lambda dtype=dtype: torch.full([2], 3.7, dtype=dtype))
    made("eye", f'eye(2, 3, dtype="{word}")', lambda dtype=dtype: torch.eye(2, 3, dtype=dtype))
    for kind in TYPES:
        for op in ["zeros_like", "ones_like"]:
            like = getattr(torch, op)
            of(op, f"{op}(x)", kind, (2, 3), like)
            of(op, f'{op}(x, dtype="{word}")', kind, (2, 0), lambda x, like=like, dtype=dtype: like(x, dtype=dtype))
        of("to", f'to(x, "{word}")', kind, (3, 4), lambda x, dtype=dtype: x.to(dtype))
        of("full_like", f'full_like(x, -1, dtype="{word}")', kind, (3,), lambda x, dtype=dtype: torch.full_like(x, -1, dtype=dtype))
        of("full_like", "full_like(x, 2.5)", kind, (3,), lambda x: torch.full_like(x, 2.5))
for value in [3, 0.5, True]:
    made("full", f"full([2, 2], {str(value).lower()})", lambda value=value: torch.full([2, 2], value))
made("zeros", "zeros([])", lambda: torch.zeros([]))
made("zeros", "zeros([0, 2])", lambda: torch.zeros([0, 2]))
made("eye", "eye(3)", lambda: torch.eye(3))
made("eye", "eye(3, 0)", lambda: torch.eye(3, 0))
op_cases("arange", [
    *[sample(5), sample(0), sample(2, 7), sample(2, 7, 2), sample(3, -4, -2), sample(3, 3, -1)],
    *[sample(0, 1, 0.25), sample(0.5, 3), sample(2.0), sample(1, 0, -0.3)],
])
op_cases("linspace", [sample(0, 1, 5), sample(-1.5, 2, 4), sample(3, -3, 7), sample(2, 5, 1), sample(2, 5, 0)])
case("detach", "input x: [3]\ny = x * detach(x)\noutput y", {"x": normal(3)}, {}, lambda x, w: {"y": x["x"] * x["x"].detach()})
case("detach", "input x: [3]\nparam p: [3] = normal()\ny = detach(x * p) + p\noutput y", {"x": normal(3)}, {"p": normal(3)},
     lambda x, w: {"y": (x["x"] * w["p"]).detach() + w["p"]})
case("detach", "input x: int[3]\ny = detach(x)\noutput y", {"x": ints(9, 3)}, {}, lambda x, w: {"y": x["x"]})


def sinusoidal_positions(n, dim, base=10000):
    angles = torch.arange(n)[:, None] / base ** (2 * (torch.arange(dim) // 2) / dim)
    return torch.where(torch.arange(dim) % 2 == 0, angles.sin(), angles.cos())


for n, dim, base in [(5, 4, 10000), (3, 5, 100), (1, 1, 10), (20, 8, 10000)]:
    made("sinusoidal_positions", f"sinusoidal_positions({n}, {dim}, base={base})",
         lambda n=n, dim=dim, base=base: sinusoidal_positions(n, dim, base))


def rotary(x, positions=None, base=10000, interleaved=False, dim=None):
    dim = dim or x.shape[-1]
    positions = torch.arange(x.shape[-2]) if positions is None else positions
    angles = positions[..., None] / base ** (2 * torch.arange(dim // 2) / dim)
    turned, rest = x[..., :dim], x[..., dim:]
    # A pair of features is a complex number.
    halves = turned.unflatten(-1, (-1, 2)) if interleaved else turned.unflatten(-1, (2, -1)).transpose(-1, -2)
    pairs = torch.view_as_complex(halves.contiguous()) * torch.polar(torch.ones_like(angles), angles)
    halves = torch.view_as_real(pairs)
    turned = (halves if interleaved else halves.transpose(-1, -2)).flatten(-2)
    return torch.cat([turned, rest], -1)


ROTATIONS = [
    ((3, 4), None, {}),
    ((2, 2, 5, 6), None, {"base": 100}),
    ((2, 3, 7), None, {"dim": 4}),
    ((2, 2, 3, 4), (3,), {}),
    ((2, 2, 3, 4), (2, 1, 3), {"base": 10.0}),
    ((2, 3, 5), (2, 3), {"dim": 2}),
]
for shape, positions, options in ROTATIONS:
    for interleaved in [False, True]:
        given_options = {**options, **({"interleaved": True} if interleaved else {})}
        written = ["x", *(["p"] if positions else []), *[f"{key}={str(value).lower()}" for key, value in given_options.items()]]
        declared = f"input x: {list(shape)}\n" + (f"input p: int{list(positions)}\n" if positions else "")
        inputs = {"x": normal(*shape), **({"p": ints(50, *positions)} if positions else {})}
        case("rotary", f"{declared}y = rotary({', '.join(written)})\noutput y", inputs, {},
             lambda x, w, options=given_options: {"y": rotary(x["x"], x.get("p"), **options)})

op_cases("meshgrid", [
    sample([normal(2), normal(3)], indexing="ij"),
    sample([normal(2), normal(3)], indexing="xy"),
    sample([normal(2), normal(3), normal(2)], indexing="xy"),
    sample([normal(2), normal(1), normal(2)], indexing="ij"),
    sample([normal(3)], indexing="ij"),
    sample([normal(3)], indexing="xy"),
    sample([normal(), normal(2)], indexing="ij"),
    sample([normal(0), normal(2)], indexing="xy"),
    sample([ints(9, 2), ints(9, 3)], indexing="ij"),
])
write()
