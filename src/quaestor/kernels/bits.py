"""Where the lowest and the highest set bit of a whole number stand: one instruction each."""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload


def lowest_bit(x: int) -> int:
    """Position of the lowest set bit of a positive number; callable in and outside kernels.

    Example:
        >>> lowest_bit(0b101000)
        3
    """
    whole = int(x)
    return (whole & -whole).bit_length() - 1


def highest_bit(x: int) -> int:
    """Position of the highest set bit of a positive number; callable in and outside kernels.

    Example:
        >>> highest_bit(0b101000)
        5
    """
    return int(x).bit_length() - 1


@intrinsic  # type: ignore[untyped-decorator]
def _trailing_zeros(typing_context: Any, x: Any) -> Any:  # noqa: ARG001
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _leading_zeros(typing_context: Any, x: Any) -> Any:  # noqa: ARG001
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.int64), generate


@overload(lowest_bit)  # type: ignore[untyped-decorator]
def _compiled_lowest_bit(x: Any) -> Callable[..., Any]:  # noqa: ARG001
    def implementation(x: Any) -> Any:
        return _trailing_zeros(x)

    return implementation


@overload(highest_bit)  # type: ignore[untyped-decorator]
def _compiled_highest_bit(x: Any) -> Callable[..., Any]:  # noqa: ARG001
    def implementation(x: Any) -> Any:
        return 63 - _leading_zeros(x)

    return implementation
