"""Array on the stack for `scratch` in compiled code."""

from collections.abc import Callable
from typing import Any

from numba import types
from numba.core import cgutils
from numba.extending import lower_builtin, type_callable

from quaestor.jit.scratch import SCRATCH_ROWS, scratch

_ARRAY = types.Array(types.float64, 1, "C")


@type_callable(scratch)  # type: ignore[untyped-decorator]
def _type_of_scratch(context: Any) -> Callable[[], Any]:  # noqa: ARG001
    return lambda: _ARRAY


@lower_builtin(scratch)  # type: ignore[untyped-decorator]
def _compiled_scratch(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
    # slow to import, and needed to compile only
    from numba.np.arrayobj import make_array, populate_array

    builder.function.attributes.add("noinline")  # a caller of many such kernels holds the stack of one at a time
    memory = cgutils.alloca_once(builder, context.get_value_type(types.float64), size=SCRATCH_ROWS)
    array = make_array(_ARRAY)(context, builder)
    rows, item = context.get_constant(types.intp, SCRATCH_ROWS), context.get_constant(types.intp, 8)
    populate_array(array, data=memory, shape=[rows], strides=[item], itemsize=item, meminfo=None)
    return array._getvalue()
