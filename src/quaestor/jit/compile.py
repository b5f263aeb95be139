"""The one compile decorator: deterministic machine code, cached on disk by the sources of the package.

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

    A kernel works on the arrays it is given: one that would allocate does not compile. Nothing then needs reference
    counts, whose atomic updates at every row taken from a table cost more than the work on it.
    """
    return _compiled(function, inline=False)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """As `kernel`, and its code is copied to where it is called: for what runs at every bar and has one caller or two.

    Passing a table on costs seven words, and the compiler cannot see through the call.
    """
    return _compiled(function, inline=True)


def allocating(function: Callable[P, R]) -> Callable[P, R]:
    """As `kernel`, for functions of users, which may use arrays of their own: ``np.diff``, ``np.sort``, ``a / b``.

    A kernel may call it: the arrays that a kernel passes on carry no reference counts, and those that the function
    makes are counted and freed within it. It returns numbers, never an array.
    """
    return _compiled(function, inline=False, allocates=True)


class Kernel(Generic[P, R]):
    """A function that is compiled when it is first called, or when a kernel that calls it is."""

    def __init__(self, function: Callable[P, R], *, inline: bool, allocates: bool = False) -> None:
        update_wrapper(self, function)
        self.py_func = function
        self._inline = inline
        self._allocates = allocates
        self._dispatcher: Any = None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run the machine code for arguments of these types, compiled or loaded at need."""
        return (self._dispatcher or self.dispatcher)(*args, **kwargs)

    @property
    def dispatcher(self) -> Any:
        """What Numba makes of the function."""
        if self._dispatcher is None:
            from quaestor.jit.machine_code import make_dispatcher

            self._dispatcher = make_dispatcher(self.py_func, inline=self._inline, allocates=self._allocates)
        return self._dispatcher

    @property
    def _numba_type_(self) -> Any:
        """How a kernel that calls this one sees it."""
        return self.dispatcher._numba_type_


def _compiled(function: Callable[P, R], *, inline: bool, allocates: bool = False) -> Callable[P, R]:
    return function if INTERPRETED else Kernel(function, inline=inline, allocates=allocates)


def entry_point(function: Callable[P, R], *arguments: object) -> Callable[P, R]:
    """The machine code of a kernel for arguments of exactly these types, compiled or loaded at once.

    A kernel looks at the type of every argument of every call, which costs more than a small kernel's work. A caller
    that passes the same tables again and again may look once, here. What comes back looks at nothing: any argument of
    another type, layout or number of dimensions is undefined behaviour, so pass it only tables that you made.
    A function that is not compiled comes back as it is.
    """
    if not isinstance(function, Kernel):
        return function
    from quaestor.jit.machine_code import specialise

    direct: Callable[P, R] = specialise(function.dispatcher, arguments)
    return direct


def interpreted(function: Callable[P, R]) -> Callable[P, R]:
    """The plain Python twin of a kernel: the oracle that the compiled function is tested against."""
    plain: Callable[P, R] = getattr(function, "py_func", function)
    return plain
