"""Elementary functions from + − × ÷ alone: the same bits on every machine with IEEE-754 arithmetic."""

import math

import numpy as np

from quaestor.jit.compile import inlined, kernel

_LN2_HIGH = 0.693147180369123816490  # ln 2 to 33 bits: a whole exponent times it is exact
_LN2_LOW = 1.90821492927058770002e-10
_SQRT_HALF = 0.7071067811865476
_TAU = 2.0 * math.pi
_HALF_PI_HIGH = 1.5707963267341256  # π/2 in pieces of 33 bits: a whole number up to 2²⁰ times one of them is exact
_HALF_PI_MIDDLE = 6.077100506303966e-11
_HALF_PI_LOW = 2.0222662487959506e-21
_REDUCED = 2.0**20  # angles up to here are reduced to full precision


@inlined
def is_missing(x: float) -> bool:
    """Return whether a number is NaN or infinite.

    Example:
        >>> is_missing(math.nan), is_missing(-math.inf), is_missing(0.0)
        (True, True, False)
    """
    return x - x != 0.0


@kernel
def any_missing(a: float, b: float, c: float) -> bool:
    """Return whether any of three numbers is NaN or infinite.

    Example:
        >>> any_missing(1.0, 2.0, math.nan), any_missing(1.0, -math.inf, 2.0), any_missing(1.0, 2.0, 3.0)
        (True, True, False)
    """
    gone = (a - a) + (b - b) + (c - c)  # 0, or NaN where one of them is missing
    return gone != gone


@kernel
def same_within_rounding(a: float, b: float) -> bool:
    """Return whether two numbers differ by at most 1e-14 of the sum of their magnitudes (TA-Lib's equality of prices).

    Example:
        >>> same_within_rounding(0.1 + 0.2, 0.3), same_within_rounding(1.0, 1.0 + 1e-12)
        (True, False)
    """
    return abs(a - b) <= 1e-14 * (abs(a) + abs(b))


@kernel
def natural_log(x: float) -> float:
    """Return the natural logarithm, within 2 units in the last place; NaN for negative x and NaN, −inf for 0.

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
def exponential(x: float) -> float:
    """Return e to the power x, within 2 units in the last place of a normal result; inf beyond the largest number.

    x = k · ln 2 + r with |r| ≤ ½ ln 2; the power series of eʳ, its even and its odd terms apart, times 2ᵏ.

    Example:
        >>> exponential(0.0), abs(exponential(1.0) - math.e) < 5e-16, exponential(-800.0), exponential(800.0)
        (1.0, True, 0.0, inf)
    """
    if x != x:
        return math.nan
    if x > 709.782712893384:
        return math.inf
    if x < -745.2:
        return 0.0
    whole = np.floor(x / (_LN2_HIGH + _LN2_LOW) + 0.5)
    r = (x - whole * _LN2_HIGH) - whole * _LN2_LOW
    z = r * r
    odd = 1.0 / 6227020800.0
    odd = odd * z + 1.0 / 39916800.0
    odd = odd * z + 1.0 / 362880.0
    odd = odd * z + 1.0 / 5040.0
    odd = odd * z + 1.0 / 120.0
    odd = odd * z + 1.0 / 6.0
    even = 1.0 / 87178291200.0
    even = even * z + 1.0 / 479001600.0
    even = even * z + 1.0 / 3628800.0
    even = even * z + 1.0 / 40320.0
    even = even * z + 1.0 / 720.0
    even = even * z + 1.0 / 24.0
    even = even * z + 0.5
    return math.ldexp(1.0 + (r + z * (even + r * odd)), int(whole))


@kernel
def logistic(x: float) -> float:
    """Return 1 / (1 + e⁻ˣ), within a few units in the last place; NaN for NaN.

    Example:
        >>> logistic(0.0), logistic(-800.0), logistic(800.0), abs(logistic(1.0) - 0.7310585786300049) < 3e-16
        (0.5, 0.0, 1.0, True)
    """
    return 1.0 / (1.0 + exponential(-x))


@kernel
def arc_tangent(x: float) -> float:
    """Return the arc tangent in radians, within a few units in the last place; NaN for NaN.

    Computed from the reciprocal where |x| > 1, with the angle halved twice, by its power series.

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


@kernel
def half_life_decay(age: float, half_life: float) -> float:
    """Return 2^(−age / half_life), within 2 units in the last place; exact where age is a multiple of half_life.

    The exponent is split into a whole number, which only shifts the binary exponent, and a remainder r in [−½, ½], for
    which e^(−r · ln 2) is summed by its power series. 0 beyond 1,000 half-lives; NaN for NaN. `age` must be ≥ 0.

    Example:
        >>> half_life_decay(0.0, 6.0), half_life_decay(6.0, 6.0), half_life_decay(12.0, 6.0)
        (1.0, 0.5, 0.25)
        >>> max(abs(half_life_decay(x, 3.0) / 2.0 ** (-x / 3.0) - 1.0) for x in (0.1, 1.0, 5.3, 77.7)) < 1e-15
        True
    """
    lives = age / half_life
    if not lives <= 1000.0:
        return 0.0 if lives > 1000.0 else math.nan
    whole = int(lives + 0.5)
    power = (whole - lives) * (_LN2_HIGH + _LN2_LOW)
    series = 1.0
    for order in range(14, 0, -1):
        series = 1.0 + series * power / order
    return math.ldexp(series, -whole)


@kernel
def _sine_near_zero(r: float) -> float:
    """Return the sine by its power series, for |r| up to π/4."""
    z = r * r
    series = 1.0 / 355687428096000.0
    series = series * z - 1.0 / 1307674368000.0
    series = series * z + 1.0 / 6227020800.0
    series = series * z - 1.0 / 39916800.0
    series = series * z + 1.0 / 362880.0
    series = series * z - 1.0 / 5040.0
    series = series * z + 1.0 / 120.0
    series = series * z - 1.0 / 6.0
    return r + r * (z * series)


@kernel
def _cosine_near_zero(r: float) -> float:
    """Return the cosine by its power series, for |r| up to π/4."""
    z = r * r
    series = 1.0 / 20922789888000.0
    series = series * z - 1.0 / 87178291200.0
    series = series * z + 1.0 / 479001600.0
    series = series * z - 1.0 / 3628800.0
    series = series * z + 1.0 / 40320.0
    series = series * z - 1.0 / 720.0
    series = series * z + 1.0 / 24.0
    return 1.0 - (0.5 * z - z * (z * series))


@kernel
def _sine_of_turned(x: float, turns: float) -> float:
    """Return the sine of x plus `turns` quarter turns, by a power series of the remainder from whole quarters."""
    if x - x != 0.0:
        return math.nan
    if abs(x) > _REDUCED:
        x = float(np.fmod(x, _TAU))
    quarters = float(np.floor(x / (math.pi / 2.0) + 0.5))
    r = ((x - quarters * _HALF_PI_HIGH) - quarters * _HALF_PI_MIDDLE) - quarters * _HALF_PI_LOW
    quadrant = quarters + turns - 4.0 * np.floor((quarters + turns) / 4.0)
    if quadrant == 0.0:
        return _sine_near_zero(r)
    if quadrant == 1.0:
        return _cosine_near_zero(r)
    return -_sine_near_zero(r) if quadrant == 2.0 else -_cosine_near_zero(r)


@kernel
def sine(x: float) -> float:
    """Return the sine of an angle in radians, within 2 units in the last place for |x| ≤ 2²⁰; NaN for NaN and inf.

    A larger angle is reduced modulo the double nearest to 2π: the result is that of an angle within one unit in the
    last place of x, so its error is at most 2.3e-16 · |x|, and it stays in [−1, 1].

    Example:
        >>> max(abs(sine(x) - math.sin(x)) for x in (0.0, -0.3, 1.0, 2.5, 1000.0)) < 3e-16
        True
        >>> abs(sine(1e9) - math.sin(1e9)) < 2.3e-7
        True
    """
    return _sine_of_turned(x, 0.0)


@kernel
def cosine(x: float) -> float:
    """Return the cosine of an angle in radians, with the accuracy of `sine`.

    Example:
        >>> max(abs(cosine(x) - math.cos(x)) for x in (0.0, -0.3, 1.0, 2.5, 1000.0)) < 3e-16
        True
    """
    return _sine_of_turned(x, 1.0)
