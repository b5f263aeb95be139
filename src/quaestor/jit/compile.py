"""Compile decorators: deterministic machine code, cached on disk by the sources of the package.

Numba itself is imported when the first kernel is called or compiled.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

from quaestor.jit.cache import INTERPRETED

P = ParamSpec("P")
R = TypeVar("R")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a module-level function to deterministic machine code, cached on disk by the sources of the package.

    No fast-math, no threads, C division semantics, the GIL released. The plain function stays at ``.py_func``.

    A kernel works on its arguments: one that allocates an array does not compile. So arrays need no reference counts,
    whose atomic updates at every row of a table cost more than the work on the row.
    """
    return _compiled(function, inline=False)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile as `kernel` does, and copy the code into callers: for functions that run at every bar with few callers.

    Passing a table to a call costs seven words, and the compiler cannot optimise across the call.
    """
    return _compiled(function, inline=True)


def allocating(function: Callable[P, R]) -> Callable[P, R]:
    """Compile as `kernel` does, for functions of users, which may allocate arrays: ``np.diff``, ``np.sort``, ``a / b``.

    A kernel may call it: arrays passed by a kernel have no reference counts, and those that the function makes are
    counted and freed within it. It returns numbers, never an array.
    """
    return _compiled(function, inline=False, allocates=True)


class Kernel(Generic[P, R]):
    """Function that is compiled when it is first called, or when a kernel that calls it is compiled."""

    def __init__(self, function: Callable[P, R], *, inline: bool, allocates: bool = False) -> None:
        update_wrapper(self, function)
        self.py_func = function
        self._inline = inline
        self._allocates = allocates
        self._dispatcher: Any = None
        self._callee: Any = None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the machine code for arguments of these types, which is compiled or loaded if necessary."""
        return (self._dispatcher or self.dispatcher)(*args, **kwargs)

    @property
    def dispatcher(self) -> Any:
        """Numba's dispatcher for calls from Python."""
        if self._dispatcher is None:
            from quaestor.jit.machine_code import make_entry

            self._dispatcher = make_entry(self.py_func, allocates=self._allocates)
        return self._dispatcher

    @property
    def _numba_type_(self) -> Any:
        """Numba's type of the function, which lets other kernels call this one."""
        if self._callee is None:
            from quaestor.jit.machine_code import make_callee

            self._callee = make_callee(self.py_func, inline=self._inline, allocates=self._allocates)
        return self._callee._numba_type_


def _compiled(function: Callable[P, R], *, inline: bool, allocates: bool = False) -> Callable[P, R]:
    return function if INTERPRETED else Kernel(function, inline=inline, allocates=allocates)


def entry_point(function: Callable[P, R], *arguments: object) -> Callable[P, R]:
    """Return the machine code of a kernel for arguments of exactly these types, compiled or loaded at once.

    A kernel checks the type of every argument at every call, which costs more than a small kernel's work. A caller that
    passes the same tables again and again may check once, here. The returned function checks nothing: an argument of
    another type, layout or number of dimensions is undefined behaviour, so pass only tables that you made.
    A function that is not compiled is returned unchanged.
    """
    if not isinstance(function, Kernel):
        return function
    from quaestor.jit.machine_code import specialise

    direct: Callable[P, R] = specialise(function.dispatcher, arguments)
    return direct


def interpreted(function: Callable[P, R]) -> Callable[P, R]:
    """Return the plain Python function of a kernel, against which the compiled one is tested."""
    plain: Callable[P, R] = getattr(function, "py_func", function)
    return plain
