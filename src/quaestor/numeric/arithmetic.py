"""Integer arithmetic for money: exact ratios of products of 64-bit integers, without overflow, with stated rounding."""

import numpy as np

from quaestor.jit.compile import inlined, kernel

#: Rates (fees, funding, margin, slippage) are integers in units of 1e-8: 1 bps = 10_000.
RATE_ONE = 100_000_000

_LOW_32 = 0xFFFFFFFF
_SAFE_PRODUCT = 4.6e18


@kernel
def floor_div(a: int, b: int) -> int:
    """Return the floor of a / b for b > 0; raise ZeroDivisionError otherwise (compiled division by 0 would give 0).

    Example:
        >>> floor_div(-7, 2)
        -4
    """
    if b <= 0:
        raise ZeroDivisionError("floor_div needs a positive divisor")
    return a // b


@kernel
def _divide_by_half_word(high: np.uint64, low: np.uint64, divisor: np.uint64) -> tuple[int, int]:
    """Return quotient and remainder of a 128-bit number and a divisor of at most 32 bits; high < divisor."""
    half = np.uint64(32)
    upper = (high << half) | (low >> half)
    lower = ((upper % divisor) << half) | (low & np.uint64(_LOW_32))
    first = upper // divisor
    if first >> np.uint64(31) != np.uint64(0):
        raise OverflowError("muldiv: the quotient does not fit 63 bits")
    quotient = (first << half) | (lower // divisor)
    return int(np.int64(quotient)), int(np.int64(lower % divisor))


@kernel
def _mul_div_magnitude(a: int, b: int, c: int) -> tuple[int, int]:
    """Return quotient and remainder of a·b / c by a 128-bit product; 0 ≤ a, b < 2^63, 0 < c < 2^63, quotient < 2^63."""
    mask = np.uint64(_LOW_32)
    half = np.uint64(32)
    ua, ub, uc = np.uint64(a), np.uint64(b), np.uint64(c)
    a_low, a_high = ua & mask, ua >> half
    b_low, b_high = ub & mask, ub >> half
    low_low = a_low * b_low
    middle = a_high * b_low + (low_low >> half)
    middle_2 = a_low * b_high + (middle & mask)
    high = a_high * b_high + (middle >> half) + (middle_2 >> half)
    low = (middle_2 << half) | (low_low & mask)
    if high >= uc:
        raise OverflowError("muldiv: the quotient does not fit 63 bits")
    if uc <= mask:
        return _divide_by_half_word(high, low, uc)
    one = np.uint64(1)
    top = np.uint64(63)
    remainder = high
    quotient = np.uint64(0)
    for shift in range(64):
        bit = (low >> np.uint64(63 - shift)) & one
        carry = remainder >> top
        remainder = (remainder << one) | bit
        quotient = quotient << one
        if carry != np.uint64(0) or remainder >= uc:
            remainder = remainder - uc
            quotient = quotient | one
    if quotient >> top != np.uint64(0):
        raise OverflowError("muldiv: the quotient does not fit 63 bits")
    return int(np.int64(quotient)), int(np.int64(remainder))


@kernel
def muldiv_floor(a: int, b: int, c: int) -> int:
    """Return the floor of a·b / c, exact for any 64-bit a, b and positive c; OverflowError when it does not fit.

    Example:
        >>> muldiv_floor(-7, 3, 2), muldiv_floor(2**62, 6, 12) == 2**61
        (-11, True)
    """
    if c <= 0:
        raise ZeroDivisionError("muldiv needs a positive divisor")
    if abs(float(a) * float(b)) < _SAFE_PRODUCT:
        return (a * b) // c
    quotient, remainder = _mul_div_magnitude(abs(a), abs(b), c)
    if (a < 0) != (b < 0):
        return -quotient - (1 if remainder != 0 else 0)
    return quotient


@kernel
def muldiv_ceil(a: int, b: int, c: int) -> int:
    """Return the ceiling of a·b / c, exact; see `muldiv_floor`.

    Example:
        >>> muldiv_ceil(7, 3, 2), muldiv_ceil(-7, 3, 2)
        (11, -10)
    """
    return -muldiv_floor(-a, b, c)


@inlined
def round_half_even(x: float) -> int:
    """Return the nearest integer, ties to even; OverflowError for NaN, infinities and numbers beyond 63 bits.

    Without the check ``int(nan)`` would give -2^63 in compiled code.
    """
    if not abs(x) < 9.2e18:
        raise OverflowError("not a number that fits a 64-bit integer")
    return int(np.rint(x))
