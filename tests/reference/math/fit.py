"""Prints the coefficients of the polynomials in src/tensor/math.rs, lowest first: `python3 fit.py` (wants mpmath).

Each polynomial interpolates its function at the Chebyshev nodes of an interval, in 60 digits; the error printed beside it
is the largest on the interval, before coefficients are rounded.
"""

from mpmath import chebyfit, erf, erfc, exp, log, mp, mpf, sqrt

mp.dps = 60


def fit(name, function, interval, counts):
    for kind, count in zip(("f32", "f64"), counts):
        if not count:
            continue
        coefficients, error = chebyfit(function, interval, count, error=True)
        print(f"{name} {kind}  error {mp.nstr(error, 3)}")
        print("    " + ", ".join(mp.nstr(c, 17) for c in reversed(coefficients)))


def series(direct, terms):
    """`direct`, or near 0, where that would be 0 / 0, the first terms of its series."""
    return lambda x: direct(x) if abs(x) > mpf("1e-8") else sum(t * x**k for k, t in enumerate(terms))


half_ln2 = log(2) / 2
fit(
    "EXP: (e^r - 1 - r) / r^2",
    series(lambda r: (exp(r) - 1 - r) / r**2, [1 / mp.factorial(k) for k in range(2, 8)]),
    [-half_ln2, half_ln2],
    (5, 10),
)

# ln((1 + s) / (1 - s)) = 2 s + s R(s^2), s = f / (2 + f), 1 + f between sqrt(1/2) and sqrt(2)
largest = ((sqrt(2) - 1) / (sqrt(2) + 1)) ** 2
fit(
    "LN: R(z) / z",
    series(
        lambda z: (log((1 + sqrt(z)) / (1 - sqrt(z))) / sqrt(z) - 2) / z,
        [mpf(2) / (2 * k + 3) for k in range(6)],
    ),
    [0, largest],
    (4, 8),
)

slope = 2 / sqrt(mp.pi)
NEAR, END = mpf("0.9375"), {"f32": mpf(4), "f64": mpf(6)}
fit(
    "ERF_NEAR: erf(x) / x - 1, in x^2",
    series(
        lambda z: erf(sqrt(z)) / sqrt(z) - 1,
        [slope - 1] + [slope * (-1) ** k / (mp.factorial(k) * (2 * k + 1)) for k in range(1, 6)],
    ),
    [0, NEAR**2],
    (7, 13),
)
fit("ERF_FAR: ln(erfc(x))", lambda x: log(erfc(x)), [NEAR, END["f32"]], (10, 0))
fit("ERF_FAR: ln(erfc(x))", lambda x: log(erfc(x)), [NEAR, END["f64"]], (0, 24))
