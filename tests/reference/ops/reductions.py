"""Cases of reductions, cumulative sums and products, and of sorting.

    Debian: python3-torch (1.13), and expecttest
"""

import math

import torch
from reference import bools, case, given, ints, normal, op_cases, sample, write

torch.set_default_dtype(torch.float64)

WITH_NAN = given([1.0, math.nan, 3.0, -math.inf, math.nan, 2.0])
TIES = given([[3.0, 7.0, 7.0, 3.0], [1.0, 1.0, 1.0, 1.0], [-2.0, 0.0, 5.0, 5.0]])
ZEROS = given([[2.0, 0.0, 3.0, -1.0], [0.0, 0.0, 4.0, 2.0], [1.0, 2.0, 3.0, 4.0]])
WIDE = normal(3, 70, 2)


def of_a_scalar(args, kwargs):
    return "an axis of a scalar" if args[0].ndim == 0 and (len(args) > 1 or kwargs.get("dim") is not None) else None


def of_a_bool(args, kwargs):
    return of_a_scalar(args, kwargs) or ("`unbiased` in the place of `dim`" if isinstance(args[-1], bool) and len(args) == 2 else None)


COMMON = {"largest": 200, "skip": of_a_scalar, "most": 20}
KEEP = {"keepdim": True}

for name in ["amax", "amin"]:
    op_cases(name, order=["input", "dim", "keepdim"], **COMMON)
    op_cases(name, [sample(TIES), sample(TIES, dim=1), sample(TIES, dim=[0, 1], **KEEP), sample(WIDE, dim=[0, 2])])
    op_cases(name, [sample(ints(9, 3, 4), dim=0), sample(bools(3, 4), dim=1), sample(normal(0, 3), dim=1)])
    op_cases(name, [sample(WITH_NAN)], constants=["x0"])
for name in ["max", "min"]:
    op_cases(name, [sample(normal(3, 4)), sample(TIES), sample(normal()), sample(ints(9, 3, 4)), sample(bools(4))])
    op_cases(name, [sample(TIES, dim=dim) for dim in [0, 1, -1]])
    op_cases(name, [sample(normal(2, 3, 4), dim=1, **KEEP), sample(WIDE, dim=1), sample(ints(9, 3, 4), dim=0), sample(bools(3, 4), dim=1)])
    op_cases(name, [sample(normal(3, 4), normal(4)), sample(normal(3, 1), normal(2, 3, 4)), sample(ints(3, 4), ints(3, 4))])
    op_cases(name, [sample(WITH_NAN), sample(WITH_NAN, dim=0)], constants=["x0"])
for name in ["argmax", "argmin"]:
    op_cases(name, order=["input", "dim", "keepdim"], **COMMON)
    op_cases(name, [sample(TIES), sample(TIES, dim=1), sample(WITH_NAN), sample(ints(3, 4, 5), dim=0), sample(WIDE, dim=1)])

op_cases("prod", order=["input", "dim", "keepdim"], **COMMON)
op_cases("prod", [sample(ZEROS), sample(ZEROS, dim=0), sample(ZEROS, dim=1, **KEEP), sample(normal(3, 0), dim=1)])
op_cases("prod", [sample(ints(5, 3, 4), dim=0), sample(bools(4)), sample(normal(4, 7, 3), dim=1)])
for name in ["var", "std"]:
    op_cases(name, order=["input", "dim", "unbiased", "keepdim"], **{**COMMON, "skip": of_a_bool})
    op_cases(name, [sample(normal(3, 4)), sample(normal(3, 4), dim=1, unbiased=False), sample(normal(3, 4), dim=0, unbiased=True, **KEEP)])
    for correction in [0, 1, 2]:
        op_cases(name, [sample(normal(3, 4), dim=1, correction=correction), sample(normal(2, 3, 4), dim=[0, 2], correction=correction, **KEEP)])
    op_cases(name, [sample(WIDE, dim=[0, 2], correction=1)])
    op_cases(name, [sample(normal(1, 3), dim=0), sample(normal(0, 3), dim=0)], constants=["x0"])
op_cases("std", [sample(given([[1.0, 1.0, 1.0], [1.0, 2.0, 4.0]]), dim=1)])

op_cases("norm", [sample(normal(3, 4)), sample(normal()), sample(normal(3, 4), dim=1), sample(normal(2, 3, 4), dim=[0, 2], **KEEP)])
for p in [0, 1, 2, 3, 1.5, 0.5, -1, -2]:
    op_cases("norm", [sample(normal(3, 4), p), sample(normal(3, 4), p, dim=0), sample(normal(2, 3, 4), p, dim=[0, 2], **KEEP)])
for p in [1, 2, 3, 1.5]:
    op_cases("norm", [sample(ZEROS, p, dim=1), sample(given([[0.0, 0.0], [3.0, 4.0]]), p, dim=1)])
for sign, word in [(1, '"inf"'), (-1, '"-inf"'), (1, "inf"), (-1, "-inf")]:
    for dim in [0, 1]:
        case("norm", f'input x0: [3, 4]\ny = norm(x0, {word}, dim={dim})\noutput y', {"x0": TIES}, {},
             lambda x, w, sign=sign, dim=dim: {"y": torch.norm(x["x0"], sign * math.inf, dim=dim)})

op_cases("logsumexp", order=["input", "dim", "keepdim"], **COMMON)
op_cases("logsumexp", [sample(normal(3, 4, scale=300), dim=1), sample(ints(5, 3, 4), dim=0), sample(WIDE, dim=[0, 1])])
op_cases("logsumexp", [sample(given([[0.0, math.inf], [-math.inf, -math.inf], [-math.inf, 1.0]]), dim=1)], constants=["x0"])
for name in ["any", "all"]:
    for draw in [bools, lambda *shape: ints(2, *shape), normal]:
        op_cases(name, [sample(draw(3, 4)), sample(draw(3, 4), dim=1), sample(draw(3, 4), dim=0, **KEEP), sample(draw(3, 0), dim=1)])
    op_cases(name, [sample(WITH_NAN)], constants=["x0"])

for name in ["cumsum", "cumprod"]:
    op_cases(name, order=["input", "dim"], **COMMON)
    op_cases(name, [sample(ZEROS, dim=0), sample(ZEROS, dim=1), sample(ints(4, 3, 4), dim=0), sample(bools(4), dim=0), sample(normal(2, 0), dim=1)])

op_cases("sort", order=["input", "dim", "descending", "stable"], **COMMON)
op_cases("topk", order=["input", "k", "dim", "largest", "sorted"], **COMMON)
op_cases("kthvalue", order=["input", "k", "dim", "keepdim"], **COMMON)
op_cases("argsort", order=["input", "dim", "descending"],
         **{**COMMON, "skip": lambda args, kwargs: "an axis of a scalar" if args[0].ndim == 0 else None})
for flag in [True, False]:
    op_cases("sort", [sample(TIES, dim=dim, descending=flag, stable=True) for dim in [0, 1]])
    op_cases("sort", [sample(WITH_NAN, descending=flag, stable=True)], constants=["x0"])
    op_cases("topk", [sample(normal(3, 5), 2, largest=flag), sample(normal(4, 3, 2), k=3, dim=0, largest=flag), sample(given([5, 1, 4, 2]), 2, largest=flag)])
    op_cases("kthvalue", [sample(normal(3, 5), 2, keepdim=flag), sample(normal(3, 5), 3, dim=0, keepdim=flag)])
    op_cases("argsort", [sample(normal(3, 5), dim=0, descending=flag)])
op_cases("median", [sample(normal(3, 4)), sample(normal(3, 5)), sample(TIES), sample(normal()), sample(given([3, 1, 4, 1]))])
op_cases("median", [sample(normal(3, 4), dim=0), sample(normal(3, 4), dim=1, **KEEP), sample(normal(2, 5, 3), dim=1)])
op_cases("median", [sample(WITH_NAN), sample(WITH_NAN, dim=0)], constants=["x0"])
for name in ["sum", "mean"]:
    op_cases(name, order=["input", "dim", "keepdim"], **COMMON)
    op_cases(name, [sample(normal(3, 4)), sample(normal()), sample(normal(3, 4), dim=1, **KEEP), sample(WIDE, dim=1)])
    op_cases(name, [sample(normal(2, 3, 4), dim=[0, -1]), sample(WIDE, dim=[0, 2]), sample(normal(3, 0), dim=0)])
op_cases("sum", [sample(normal(3, 0), dim=1), sample(ints(9, 3, 4), dim=0), sample(bools(3, 4))])

for name in ["var_mean", "std_mean"]:
    op_cases(name, order=["input", "dim", "unbiased", "keepdim"], **{**COMMON, "skip": of_a_bool})
    op_cases(name, [sample(normal(3, 4)), sample(normal(3, 4), dim=1, unbiased=False), sample(WIDE, dim=[0, 2], correction=1)])
    op_cases(name, [sample(normal(2, 3, 4), dim=[0, 2], correction=0, **KEEP), sample(normal(3, 4), dim=0, correction=2)])
    op_cases(name, [sample(normal(1, 3), dim=0), sample(normal(0, 3), dim=0)], constants=["x0"])
write()
