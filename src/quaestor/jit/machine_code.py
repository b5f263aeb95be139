"""Kernels as Numba makes them, and where their machine code is kept; imported when the first one is needed."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import numba
import numpy as np
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.core.runtime import rtsys
from numba.np.numpy_support import map_layout

from quaestor.jit.cache import PACKAGE, cache_directory, sources_fingerprint
from quaestor.jit.lowering import bits as bits
from quaestor.jit.lowering import multiply_add as multiply_add
from quaestor.jit.lowering import scratch as scratch
from quaestor.jit.sources import sources_digest


def make_dispatcher(function: Callable[..., Any], *, inline: bool, allocates: bool) -> Any:
    """The compiled form of a function. Everything is said, since what is left unsaid is taken over from the caller."""
    dispatcher = numba.njit(error_model="numpy", nogil=True, _nrt=allocates, forceinline=inline)(function)
    dispatcher._cache = _SourcesCache(function)
    resolve = dispatcher.get_call_template
    dispatcher.get_call_template = lambda args, kws: resolve(tuple(_general(each) for each in args), kws)
    return dispatcher


def _general(given: Any) -> Any:
    """The type that a kernel is compiled for when another one calls it: Numba would compile it once more for every
    constant and for every width of integer that it is called with, which is a quarter of all compiling."""
    if isinstance(given, numba.types.Integer) and given.signed:
        return numba.types.int64
    return numba.types.boolean if isinstance(given, numba.types.BooleanLiteral) else given


def specialise(dispatcher: Any, arguments: tuple[object, ...]) -> Any:
    """The entry point for arguments of exactly these types."""
    signature = tuple(_type_of(argument) for argument in arguments)
    dispatcher.compile(signature)
    return dispatcher.overloads[signature].entry_point


def _type_of(argument: object) -> Any:
    """Numba's own answer. About a table it takes a third of a millisecond, so it is asked once a layout."""
    if type(argument) is not np.ndarray:
        return numba.typeof(argument)
    return _type_of_array(argument.dtype, argument.ndim, map_layout(argument), argument.flags.writeable)


@cache
def _type_of_array(dtype: np.dtype[Any], ndim: int, layout: str, writeable: bool) -> Any:
    return numba.types.Array(numba.from_dtype(dtype), ndim, layout, readonly=not writeable)


class _SourcesLocator(_CacheLocator):  # type: ignore[misc]
    """Places a function's machine code in the directory of the current generation."""

    def __init__(self, py_func: Callable[..., Any], py_file: str) -> None:
        self._line = py_func.__code__.co_firstlineno
        path = Path(py_file).resolve()
        inside = path.is_relative_to(PACKAGE)
        # outside the package the module's name may change while the text stays, and machine code looks for its module
        name = path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".") if inside else py_func.__module__
        stamp = "" if inside else "-" + sources_digest(path)
        self._path = cache_directory() / (name + stamp)

    def get_cache_path(self) -> str:
        return str(self._path)

    def get_source_stamp(self) -> str:
        return sources_fingerprint()

    def get_disambiguator(self) -> str:
        return str(self._line)

    @classmethod
    def from_function(cls, py_func: Callable[..., Any], py_file: str) -> "_SourcesLocator":
        located = cls(py_func, py_file)
        located.ensure_cache_path()
        return located


class _SourcesCacheImpl(CompileResultCacheImpl):  # type: ignore[misc]
    _locator_classes: ClassVar[list[type]] = [_SourcesLocator]

    def rebuild(self, target_context: Any, payload: Any) -> Any:
        """Make machine code ready to be called. Code of an `allocating` function needs Numba's allocator."""
        if b"NRT_" in payload[0][2][0]:
            rtsys.initialize(target_context)
        return super().rebuild(target_context, payload)


class _SourcesCache(FunctionCache):  # type: ignore[misc]
    """The cache of one function.

    Numba numbers the files of a function's specialisations, and two processes that compile different ones at the
    same time may take the same number: one would then run the other's code. Here each process has names of its own."""

    _impl_class = _SourcesCacheImpl

    def __init__(self, py_func: Callable[..., Any]) -> None:
        super().__init__(py_func)
        files = self._cache_file
        files._data_name_pattern = f"{self._impl.filename_base}.{uuid4().hex[:12]}.{{number:d}}.nbc"

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Load machine code, or return None where there is none for these types and this processor.

        As Numba's own, without filling the compiler's tables first: half a second and 50 MB that only compiling needs,
        which fills them itself.
        """
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)
