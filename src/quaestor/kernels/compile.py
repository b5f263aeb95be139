"""The one compile decorator, and a cache that can never give a stale answer.

Numba keys its on-disk cache by the file a function is written in, so a function keeps its old machine code
when a helper it inlined from *another* file changes. Here the cache directory itself is named by a hash of
every source of the package: edit any line, and everything compiles afresh into a new directory.

Set ``QUAESTOR_INTERPRET=1`` to run every kernel as plain Python (the oracle twin; also how coverage sees inside),
``QUAESTOR_CACHE_DIR`` to move the cache.
"""

import hashlib
import os
import platform
import shutil
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import Any, ClassVar, ParamSpec, TypeVar
from uuid import uuid4

import numba
import numpy as np
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator

P = ParamSpec("P")
R = TypeVar("R")

INTERPRETED = os.environ.get("QUAESTOR_INTERPRET", "") == "1"
_PACKAGE = Path(__file__).resolve().parents[1]
_KEPT_GENERATIONS = 4


@cache
def sources_fingerprint() -> str:
    """Hex digest of every Python source of the package and of the compiler versions: the name of a cache generation."""
    digest = hashlib.sha256(f"{numba.__version__} {np.__version__} {platform.python_version()}".encode())
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:20]


@cache
def cache_root() -> Path:
    """Directory that holds one sub-directory a cache generation."""
    chosen = os.environ.get("QUAESTOR_CACHE_DIR")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "quaestor" / "kernels"


@cache
def cache_directory() -> Path:
    """This generation's directory, created; the oldest generations beyond a few are dropped."""
    directory = cache_root() / sources_fingerprint()
    if not directory.exists():
        directory.mkdir(parents=True, exist_ok=True)
        generations = sorted((p for p in cache_root().iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime)
        for old in generations[:-_KEPT_GENERATIONS]:
            shutil.rmtree(old, ignore_errors=True)
    return directory


def is_compiled(module: str) -> bool:
    """Whether this generation's cache holds machine code of a module of the package, such as ``engine.closed_loop``."""
    return INTERPRETED or any((cache_directory() / module).glob("*.nbi"))


class _SourcesLocator(_CacheLocator):  # type: ignore[misc]
    """Places a function's machine code in the directory of the current generation."""

    def __init__(self, py_func: Callable[..., Any], py_file: str) -> None:
        self._line = py_func.__code__.co_firstlineno
        path = Path(py_file).resolve()
        inside = path.is_relative_to(_PACKAGE)
        name = path.relative_to(_PACKAGE).with_suffix("").as_posix().replace("/", ".") if inside else path.stem
        stamp = "" if inside else "-" + hashlib.sha256(path.read_bytes()).hexdigest()[:16]
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


class _SourcesCache(FunctionCache):  # type: ignore[misc]
    """The cache of one function.

    Numba numbers the files of a function's specialisations, and two processes that compile different ones at the
    same time may take the same number: one would then run the other's code. Here each process has names of its own."""

    _impl_class = _SourcesCacheImpl

    def __init__(self, py_func: Callable[..., Any]) -> None:
        super().__init__(py_func)
        files = self._cache_file
        files._data_name_pattern = f"{self._impl.filename_base}.{uuid4().hex[:12]}.{{number:d}}.nbc"


class _CacheOnDemand:
    """A function's cache, opened when the function is first compiled or loaded: most of a catalogue never is."""

    def __init__(self, py_func: Callable[..., Any]) -> None:
        self._py_func = py_func

    @cached_property
    def _cache(self) -> _SourcesCache:
        return _SourcesCache(self._py_func)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cache, name)


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


def _compiled(function: Callable[P, R], *, inline: bool) -> Callable[P, R]:
    """`inline` is always said, since what is left unsaid is taken over from the caller."""
    if INTERPRETED:
        return function
    dispatcher = numba.njit(error_model="numpy", nogil=True, _nrt=False, forceinline=inline)(function)
    dispatcher._cache = _CacheOnDemand(function)
    compiled: Callable[P, R] = dispatcher
    return compiled


def entry_point(function: Callable[P, R], *arguments: object) -> Callable[P, R]:
    """The machine code of a kernel for arguments of exactly these types, compiled or loaded at once.

    A kernel looks at the type of every argument of every call, which costs more than a small kernel's work. A caller
    that passes the same tables again and again may look once, here. What comes back looks at nothing: any argument of
    another type, layout or number of dimensions is undefined behaviour, so pass it only tables that you made.
    """
    if INTERPRETED:
        return function
    dispatcher: Any = function
    signature = tuple(numba.typeof(argument) for argument in arguments)
    dispatcher.compile(signature)
    direct: Callable[P, R] = dispatcher.overloads[signature].entry_point
    return direct


def interpreted(function: Callable[P, R]) -> Callable[P, R]:
    """The plain Python twin of a kernel: the oracle that the compiled function is tested against."""
    plain: Callable[P, R] = getattr(function, "py_func", function)
    return plain
