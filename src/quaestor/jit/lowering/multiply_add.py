"""Instruction for `multiply_add` in compiled code."""

from collections.abc import Callable
from typing import Any

from numba import types
from numba.extending import intrinsic, overload

from quaestor.jit.multiply_add import multiply_add


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
