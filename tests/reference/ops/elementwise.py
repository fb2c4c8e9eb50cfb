"""Cases of functions of single elements, of pairs and of triples, and of comparisons.

    Debian: python3-torch (1.13), and expecttest
"""

import math

import numpy as np
import torch
from reference import bools, case, given, ints, normal, op_cases, positive, sample, uniform, write

# What ints and bools become where they are taken for floats.
torch.set_default_dtype(torch.float64)

# What functions treat in ways of their own: zeros of both signs, halves, whole numbers, what overflows, what is no number.
EDGES = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.5, -2.5, 3.0, -6.0, 40.0, -40.0, math.inf, -math.inf, math.nan]

NUMBERS = [
    *["exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "reciprocal", "sin", "cos", "tan"],
    *["asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh", "erf", "erfc"],
]
UNIT = {"asin", "acos", "atanh"}
POSITIVE = {"log", "log1p", "log2", "log10", "sqrt", "rsqrt", "reciprocal", "acosh"}


def floats(name):
    if name in UNIT:
        return lambda *shape: uniform(-0.9, 0.9, *shape)
    if name in POSITIVE:
        return lambda *shape: uniform(1.1, 3.0, *shape)
    return normal


for name in [*NUMBERS, "square", "abs", "sign", "floor", "ceil", "round", "trunc", "frac", "neg"]:
    draw = floats(name)
    samples = [sample(draw(3, 4)), sample(draw()), sample(draw(2, 0))]
    if name in NUMBERS:
        samples += [sample(ints(2, 4)), sample(bools(3))]
    elif name != "frac":
        samples += [sample(given(np.arange(-3, 4)))]
    op_cases(name, samples)
    op_cases(name, [sample(given(EDGES))], f64_only=True)
op_cases("round", [
    sample(normal(3, 4), decimals=2),
    sample(normal(3, 4, scale=100), decimals=-1),
    sample(given([0.15, 0.25, 0.35, 2.675, -0.05]), decimals=1),
], f64_only=True)
for name in ["isnan", "isinf", "isfinite", "logical_not"]:
    op_cases(name, [sample(given(EDGES)), sample(ints(3, 5)), sample(bools(5)), sample(normal(0, 3))])

SHAPES = [((3, 4), (3, 4)), ((2, 3, 4), (3, 1)), ((4,), (2, 3, 4)), ((2, 1, 4), (3, 1)), ((), (2, 3)), ((0, 3), (1, 3))]
EDGE_PAIRS = (given(np.repeat(EDGES, len(EDGES))), given(np.tile(EDGES, len(EDGES))))


def pairs(draw, draw_other=None):
    draw_other = draw_other or draw
    return [sample(draw(*a), draw_other(*b)) for a, b in SHAPES]


ARITHMETIC = {"add": "+", "sub": "-", "mul": "*", "div": "/", "remainder": "%", "pow": "**", "floor_divide": "//"}
for name in ["add", "sub", "mul"]:
    op_cases(name, pairs(normal))
    op_cases(name, [sample(ints(9, 3, 1), ints(9, 4)), sample(ints(9, 4), normal(4))])
for name in ["add", "mul"]:
    op_cases(name, [sample(normal(4), bools(4)), sample(ints(9, 4), bools(4))])
for name in ["add", "sub"]:
    op_cases(name, [sample(normal(2, 3), normal(3), alpha=-0.5), sample(ints(5, 3), ints(5, 3), alpha=3)])
for name in ["div", "remainder", "fmod", "floor_divide"]:
    whole = name == "floor_divide"
    op_cases(name, pairs(normal, positive), f64_only=name != "div", constants=["x0", "x1"] if whole else [])
for name in ["div", "remainder", "fmod"]:
    op_cases(name, [sample(*EDGE_PAIRS)], f64_only=True)
op_cases("floor_divide", [sample(ints(9, 4), given([2, 3, -2, -4]))])
op_cases("div", [sample(ints(9, 4), ints(2, 4)), sample(bools(3), bools(3)), sample(normal(3), 2)])
for mode in ["trunc", "floor"]:
    op_cases("div", [
        *[sample(one.args[0], one.args[1], rounding_mode=mode) for one in pairs(normal, positive)],
        sample(given([7, -7, 7, -7]), given([2, 2, -2, -2]), rounding_mode=mode),
        sample(given([7.5, -7.5, 7.5, -7.5]), given([2.0, 2.0, -2.0, -2.0]), rounding_mode=mode),
    ], f64_only=True)
for name in ["remainder", "fmod"]:
    op_cases(name, [sample(given([7, -7, 7, -7, 6]), given([2, 2, -2, -2, -3])), sample(given([5, -5]), 3)])
op_cases("pow", pairs(positive, normal))
op_cases("pow", [sample(normal(3), exponent) for exponent in [0, 1, 2, 3, 4, -1, -2, 2.0, 3.0]])
op_cases("pow", [sample(positive(3), exponent) for exponent in [0.5, -0.5, 1.5]])
op_cases("pow", [sample(2.5, normal(3)), sample(ints(4, 3), 3), sample(ints(4, 3), ints(4, 3)), sample(ints(4, 3), 0.5)])
op_cases("pow", [sample(*EDGE_PAIRS)], f64_only=True)
for name, symbol in ARITHMETIC.items():
    rule = getattr(torch, name)
    case(name, f"input x0: [2, 3]\ninput x1: [3]\ny = x0 {symbol} x1\noutput y", {"x0": positive(2, 3), "x1": positive(3)},
         {}, lambda x, w, rule=rule: {"y": rule(x["x0"], x["x1"])},
         constants=["x0", "x1"] if name == "floor_divide" else [], f64_only=name in ["floor_divide", "remainder"])
case("neg", "input x0: [2, 3]\ny = -x0\noutput y", {"x0": normal(2, 3)}, {}, lambda x, w: {"y": -x["x0"]})

for name in ["maximum", "minimum"]:
    op_cases(name, pairs(normal))
    op_cases(name, [sample(ints(9, 3, 1), ints(9, 4)), sample(ints(9, 4), normal(4)), sample(*EDGE_PAIRS)])
for name in ["atan2", "hypot"]:
    op_cases(name, pairs(normal))
op_cases("atan2", [sample(ints(9, 4), ints(9, 4)), sample(*EDGE_PAIRS)])
op_cases("hypot", [sample(given(np.repeat(EDGES[2:], 14)), given(np.tile(EDGES[2:], 14)))])

RELATIONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
for name, symbol in RELATIONS.items():
    op_cases(name, [*pairs(normal), sample(*EDGE_PAIRS), sample(ints(4, 3, 1), ints(4, 5)), sample(ints(3, 4), normal(4))])
    op_cases(name, [sample(bools(4), bools(4)), sample(normal(4), 0), sample(ints(3, 4), 1.5)])
    op_cases(name, [sample(ints(3, 2, 3), ints(3, 3))], write=lambda texts, symbol=symbol: f"{texts[0]} {symbol} {texts[1]}")
for name in ["logical_and", "logical_or", "logical_xor"]:
    op_cases(name, [sample(*EDGE_PAIRS), sample(bools(3, 1), bools(4)), sample(ints(2, 5), bools(5)), sample(ints(2, 5), normal(5))])
for word in ["and", "or"]:
    op_cases(f"logical_{word}", [sample(bools(3, 1), bools(4))], write=lambda texts, word=word: f"{texts[0]} {word} {texts[1]}")
op_cases("logical_not", [sample(bools(3, 2))], write=lambda texts: f"not {texts[0]}")

op_cases("where", [
    sample(bools(3, 4), normal(3, 4), normal(3, 4)),
    sample(bools(3, 1), normal(4), normal()),
    sample(bools(), normal(2, 3), normal(3)),
    sample(bools(5), ints(9, 5), ints(9, 5)),
    sample(bools(5), bools(5), bools(5)),
    sample(bools(2, 0), normal(0), normal(2, 1)),
])
op_cases("where", most=20, write=lambda texts: f"where({texts[1]}, {texts[0]}, {texts[2]})")
op_cases("lerp", [
    sample(normal(3, 4), normal(3, 4), 0.3),
    sample(normal(3, 4), normal(4), 0.8),
    sample(normal(3, 4), normal(4), normal(3, 1)),
    sample(normal(2, 3), normal(2, 3), normal()),
])
op_cases("lerp", largest=200)
op_cases("clamp", [
    sample(normal(3, 4), -0.5, 0.5),
    sample(normal(3, 4), min=0.1),
    sample(normal(3, 4), max=0.1),
    sample(normal(3, 4), 0.5, -0.5),
    sample(ints(9, 6), 2, 5),
    sample(ints(9, 6), 2.5, 5),
    sample(normal(3, 4), normal(4), normal(3, 1)),
    sample(normal(3, 4), min=normal(3, 1)),
    sample(normal(3, 4), max=normal(4)),
    sample(given([0.0, 1.0, 2.0, -1.0]), given([0.0, 1.0, 3.0, 0.0]), given([0.0, 1.0, 1.0, 1.0])),
    sample(given(EDGES), -1.0, 2.5),
], order=["input", "min", "max"])
op_cases("clamp", largest=200, order=["input", "min", "max"])

SURE = given([-math.inf, math.inf, 1e4, -1e4, 0.0, math.inf])
op_cases("logaddexp", largest=200)
op_cases("logaddexp", [
    sample(normal(2, 1, 4), normal(3, 1)),
    sample(given([0.0, 700.0, -700.0, 1e4]), given([0.0, 710.0, -700.0, -1e4])),
])
# PyTorch's gradient between equal infinities isn't a number, which no one relies on.
op_cases("logaddexp", [sample(SURE, given([0.0, 1.0, 1e4, 2e4, -math.inf, math.inf]))], constants=["x0", "x1"])
op_cases("xlogy", largest=200)
op_cases("xlogy", [
    sample(normal(2, 1, 4), positive(3, 1)),
    sample(given([0.0, 0.0, 0.0, 2.0, -1.0]), given([0.0, -1.0, 3.0, 0.5, 4.0])),
    sample(ints(5, 3), positive(3)),
])
op_cases("xlogy", [sample(given([0.0, 1.0, 0.0, math.nan]), given([math.nan, -1.0, math.inf, 1.0]))], constants=["x0", "x1"])
for name in ["addcmul", "addcdiv"]:
    op_cases(name, largest=200)
    op_cases(name, [
        sample(normal(3, 4), normal(3, 4), positive(3, 4)),
        sample(normal(4), normal(3, 1), positive(2, 1, 4), value=-0.7),
        sample(normal(), normal(3), positive(2, 1), value=2),
    ])
op_cases("addcmul", [sample(ints(9, 3), ints(9, 2, 1), ints(9, 3), value=2)])
op_cases("logit", largest=200)
op_cases("logit", [sample(uniform(0.05, 0.95, 3, 4)), sample(uniform(-0.5, 1.5, 3, 4), eps=0.2), sample(given([0, 1]), eps=0.1)])
op_cases("logit", [sample(given([0.0, 1.0, -0.5, 1.5, math.nan]))], constants=["x0"])
op_cases("nan_to_num", largest=200)
# The greatest number isn't that of single precision.
op_cases("nan_to_num", [sample(given(EDGES))], f64_only=True)
op_cases("nan_to_num", [
    sample(given([1.0, math.nan, math.inf, -math.inf]), nan=2.0, posinf=3.0, neginf=-4.0),
    sample(ints(9, 4)),
])
write()
