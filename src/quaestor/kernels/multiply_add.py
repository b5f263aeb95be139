"""a·b + c rounded once: one instruction where the processor has it, the same bits everywhere."""

from collections.abc import Callable
from fractions import Fraction
from math import isfinite
from typing import Any

from numba import types
from numba.extending import intrinsic, overload


def multiply_add(a: float, b: float, c: float) -> float:
    """a·b + c with a single rounding, as IEEE-754's fusedMultiplyAdd; callable in and outside kernels.

    Example:
        >>> multiply_add(0.1, 10.0, -1.0), 0.1 * 10.0 - 1.0
        (5.551115123125783e-17, 0.0)
    """
    if not (isfinite(a) and isfinite(b) and isfinite(c)):
        return a * b + c
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    return float(exact) if exact else a * b + c


@intrinsic  # type: ignore[untyped-decorator]
def _instruction(typing_context: Any, a: Any, b: Any, c: Any) -> Any:  # noqa: ARG001
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return builder.fma(*arguments)

    return types.float64(types.float64, types.float64, types.float64), generate


@overload(multiply_add)  # type: ignore[untyped-decorator]
def _compiled_multiply_add(a: Any, b: Any, c: Any) -> Callable[..., Any]:  # noqa: ARG001
    def implementation(a: Any, b: Any, c: Any) -> Any:
        return _instruction(a, b, c)

    return implementation
