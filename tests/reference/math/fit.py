"""Prints the coefficients of the polynomials in src/tensor/math.rs, lowest first: `python3 fit.py` (wants mpmath).

Each polynomial interpolates its function at the Chebyshev nodes of an interval, in 60 digits; the error printed beside it
is the largest on the interval, before coefficients are rounded. Where errors matter less in one place than in another,
Remez's algorithm makes the largest weighted error least, and that is printed.
"""

from mpmath import chebyfit, cos, erf, erfc, exp, log, lu_solve, matrix, mp, mpf, pi, polyval, sqrt

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


def remez(name, function, weight, interval, count):
    (start, end), n_points = interval, 1500
    points = [start + (end - start) * (1 - cos(pi * k / n_points)) / 2 for k in range(n_points + 1)]
    known = [(x, function(x), weight(x)) for x in points]
    chosen = [n_points * k // count for k in range(count + 1)]
    while True:
        # Errors of one size at the chosen points, with alternating signs.
        rows = [[x**k for k in range(count)] + [(-1) ** at / w] for at, (x, _, w) in enumerate(known[c] for c in chosen)]
        coefficients = list(lu_solve(matrix(rows), matrix([known[c][1] for c in chosen])))[count - 1 :: -1]
        errors = [(polyval(coefficients, x) - y) * w for x, y, w in known]
        # The farthest of each run of errors with the same sign.
        farthest = [0]
        for at, error in enumerate(errors):
            if (error > 0) != (errors[farthest[-1]] > 0):
                farthest.append(at)
            elif abs(error) > abs(errors[farthest[-1]]):
                farthest[-1] = at
        while len(farthest) > count + 1:
            farthest.pop(0 if abs(errors[farthest[0]]) < abs(errors[farthest[-1]]) else -1)
        if farthest == chosen:
            break
        chosen = farthest
    print(f"{name}  error {mp.nstr(max(map(abs, errors)), 3)}")
    print("    " + ", ".join(mp.nstr(c, 17) for c in reversed(coefficients)))


for kind, count in (("f32", 6), ("f64", 17)):
    remez(
        f"ERF_FAR: ln(erfc(x)) / x {kind}",
        lambda x: log(erfc(x)) / x,
        lambda x: x * erfc(x),
        [NEAR, END[kind]],
        count,
    )
