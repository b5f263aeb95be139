"""Elementary functions and comparisons from + − × ÷ alone: the same bits on every machine that keeps IEEE-754."""

import math

from quaestor.kernels.compile import kernel

_LN2_HIGH = 0.693147180369123816490  # ln 2 to 33 bits: a whole exponent times it is exact
_LN2_LOW = 1.90821492927058770002e-10
_SQRT_HALF = 0.7071067811865476


@kernel
def any_missing(a: float, b: float, c: float) -> bool:
    """Whether one of three numbers is NaN or infinite.

    Example:
        >>> any_missing(1.0, 2.0, math.nan), any_missing(1.0, -math.inf, 2.0), any_missing(1.0, 2.0, 3.0)
        (True, True, False)
    """
    return not (abs(a) < math.inf and abs(b) < math.inf and abs(c) < math.inf)


@kernel
def same_within_rounding(a: float, b: float) -> bool:
    """Whether two numbers differ by no more than 1e-14 of their sizes (TA-Lib's measure of equal prices).

    Example:
        >>> same_within_rounding(0.1 + 0.2, 0.3), same_within_rounding(1.0, 1.0 + 1e-12)
        (True, False)
    """
    return abs(a - b) <= 1e-14 * (abs(a) + abs(b))


@kernel
def natural_log(x: float) -> float:
    """Natural logarithm, within 2 units in the last place; NaN for negative x and NaN, −inf for 0.

    x = f · 2^e with f in [√½, √2); ln f = 2 artanh(t), t = (f − 1)/(f + 1), by its power series.

    Example:
        >>> natural_log(1.0), abs(natural_log(10.0) - math.log(10.0)) < 5e-16
        (0.0, True)
    """
    if not x > 0.0:
        return -math.inf if x == 0.0 else math.nan
    if x == math.inf:
        return math.inf
    fraction, exponent = math.frexp(x)
    if fraction < _SQRT_HALF:
        fraction *= 2.0
        exponent -= 1
    t = (fraction - 1.0) / (fraction + 1.0)
    z = t * t
    series = 1.0 / 21.0
    series = series * z + 1.0 / 19.0
    series = series * z + 1.0 / 17.0
    series = series * z + 1.0 / 15.0
    series = series * z + 1.0 / 13.0
    series = series * z + 1.0 / 11.0
    series = series * z + 1.0 / 9.0
    series = series * z + 1.0 / 7.0
    series = series * z + 1.0 / 5.0
    series = series * z + 1.0 / 3.0
    tail = 2.0 * t * (z * series)
    return exponent * _LN2_HIGH + (2.0 * t + (tail + exponent * _LN2_LOW))


@kernel
def arc_tangent(x: float) -> float:
    """Arc tangent in radians, within a few units in the last place; NaN for NaN.

    Of the reciprocal where |x| > 1, then of half the angle twice, by its power series.

    Example:
        >>> max(abs(arc_tangent(x) - math.atan(x)) for x in (0.0, -0.3, 1.0, 2.5, -1e9)) < 1e-15
        True
    """
    size = abs(x)
    t = 1.0 / size if size > 1.0 else size
    t = t / (1.0 + math.sqrt(1.0 + t * t))
    t = t / (1.0 + math.sqrt(1.0 + t * t))
    z = t * t
    series = 0.0
    for order in range(12, 0, -1):
        series = -z * (series + 1.0 / (2.0 * order + 1.0))
    angle = 4.0 * (t + t * series)
    if size > 1.0:
        angle = math.pi / 2.0 - angle
    return -angle if x < 0.0 else angle
