"""Machine code of kernels: Numba's dispatchers and their on-disk cache; imported when the first kernel is needed."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Final
from uuid import uuid4

import numba
import numpy as np
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.core.compiler import compile_result
from numba.core.runtime import rtsys
from numba.np.numpy_support import map_layout

from quaestor.jit.cache import PACKAGE, cache_directory, sources_fingerprint
from quaestor.jit.cache_files import CacheFiles
from quaestor.jit.linking import CalleeCompiler, EntryCompiler, KernelLibrary
from quaestor.jit.lowering import bits as bits
from quaestor.jit.lowering import multiply_add as multiply_add
from quaestor.jit.lowering import scratch as scratch
from quaestor.jit.sources import sources_digest

#: Options of every kernel. All are explicit: Numba would take others from the caller.
_OPTIONS: Final = {"error_model": "numpy", "nogil": True, "no_cfunc_wrapper": True}


def make_entry(function: Callable[..., Any], *, allocates: bool) -> Any:
    """Return the dispatcher through which Python calls a function."""
    dispatcher = numba.njit(**_OPTIONS, _nrt=allocates, pipeline_class=EntryCompiler)(function)
    dispatcher._cache = _SourcesCache(function)
    return dispatcher


def make_callee(function: Callable[..., Any], *, inline: bool, allocates: bool) -> Any:
    """Return the dispatcher through which kernels call a function."""
    options = {"_nrt": allocates, "forceinline": inline, "no_cpython_wrapper": True}
    dispatcher = numba.njit(**_OPTIONS, **options, pipeline_class=CalleeCompiler)(function)
    dispatcher._cache = _CalleeCache(function)
    overloads = dispatcher.overloads
    dispatcher.add_overload = lambda result: overloads.update({tuple(result.signature.args): result})
    resolve = dispatcher.get_call_template
    dispatcher.get_call_template = lambda args, kws: resolve(tuple(_general(each) for each in args), kws)
    return dispatcher


def _general(given: Any) -> Any:
    """Return the type for which a called kernel is compiled.

    Numba would compile it again for every constant and every width of integer in a call, a quarter of compile time.
    """
    if isinstance(given, numba.types.Integer) and given.signed:
        return numba.types.int64
    return numba.types.boolean if isinstance(given, numba.types.BooleanLiteral) else given


def specialise(dispatcher: Any, arguments: tuple[object, ...]) -> Any:
    """Return the entry point for arguments of exactly these types."""
    signature = tuple(_type_of(argument) for argument in arguments)
    dispatcher.compile(signature)
    return dispatcher.overloads[signature].entry_point


def _type_of(argument: object) -> Any:
    """Return Numba's type of an argument, cached by layout for tables, where it takes a third of a millisecond."""
    if type(argument) is not np.ndarray:
        return numba.typeof(argument)
    return _type_of_array(argument.dtype, argument.ndim, map_layout(argument), argument.flags.writeable)


@cache
def _type_of_array(dtype: np.dtype[Any], ndim: int, layout: str, writeable: bool) -> Any:
    return numba.types.Array(numba.from_dtype(dtype), ndim, layout, readonly=not writeable)


class _SourcesLocator(_CacheLocator):  # type: ignore[misc]
    """Location of a function's machine code: a directory of the current generation."""

    def __init__(self, py_func: Callable[..., Any], py_file: str) -> None:
        self._line = py_func.__code__.co_firstlineno
        path = Path(py_file).resolve()
        inside = path.is_relative_to(PACKAGE)
        # outside the package a module may be renamed with its text unchanged, and machine code refers to its module
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

    def check_cachable(self, result: Any) -> bool:
        return not result.library.refers_to_addresses

    def rebuild(self, target_context: Any, payload: Any) -> Any:
        """Return loaded machine code ready to be called; that of an `allocating` function needs Numba's allocator."""
        if b"NRT_" in payload[0][2][0]:
            rtsys.initialize(target_context)
        return super().rebuild(target_context, payload)


class _CalleeCacheImpl(_SourcesCacheImpl):
    """Kernels that kernels call, as bitcode."""

    def get_filename_base(self, fullname: str, abiflags: str) -> str:
        return str(super().get_filename_base(fullname, abiflags)) + "-callee"

    def reduce(self, result: Any) -> tuple[Any, ...]:
        descriptor = result.fndesc
        descriptor.typemap = descriptor.calltypes = None  # as Numba does: large, and not all can be pickled
        code = (result.library.name, result.library.bitcode())
        return code, descriptor, result.environment, result.signature, tuple(result.reload_init)

    def rebuild(self, target_context: Any, payload: Any) -> Any:
        (name, bitcode), descriptor, environment, signature, initialisers = payload
        for initialise in initialisers:
            initialise()
        return compile_result(
            target_context=target_context,
            typing_context=target_context.typing_context,
            library=KernelLibrary.from_bitcode(target_context.codegen(), name, bitcode, initialisers),
            environment=environment,
            entry_point=object(),
            fndesc=descriptor,
            signature=signature,
            objectmode=False,
            lifted=(),
            reload_init=initialisers,
        )


class _SourcesCache(FunctionCache):  # type: ignore[misc]
    """Cache of one function.

    Numba numbers the files of a function's specialisations, and two processes that compile different ones at the
    same time may take the same number: one would then run the other's code. Here each process has its own names.
    """

    _impl_class = _SourcesCacheImpl

    def __init__(self, py_func: Callable[..., Any]) -> None:
        super().__init__(py_func)
        base, stamp = self._impl.filename_base, self._impl.locator.get_source_stamp()
        self._cache_file = CacheFiles(cache_path=self._cache_path, filename_base=base, source_stamp=stamp)
        self._cache_file._data_name_pattern = f"{base}.{uuid4().hex[:12]}.{{number:d}}.nbc"

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the machine code for these types and this processor, or None without any.

        Unlike Numba's method, does not fill the compiler's tables first: that takes half a second and 50 MB, and
        compiling fills them itself.
        """
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)


class _CalleeCache(_SourcesCache):
    _impl_class = _CalleeCacheImpl
