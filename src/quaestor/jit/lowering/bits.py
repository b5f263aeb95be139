"""Instructions for the functions of `jit.bits` in compiled code."""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

from quaestor.jit.bits import highest_bit, lowest_bit


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
