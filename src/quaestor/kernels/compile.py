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
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, ParamSpec, TypeVar
from uuid import uuid4

import numba
import numpy as np
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator

from quaestor.kernels.sources import sources_digest

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
        # outside the package the module's name may change while the text stays, and machine code looks for its module
        name = path.relative_to(_PACKAGE).with_suffix("").as_posix().replace("/", ".") if inside else py_func.__module__
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


class _SourcesCache(FunctionCache):  # type: ignore[misc]
    """Numba numbers the files of a function's specialisations, and two processes that compile different ones at the
    same time may take the same number: one would then run the other's code. Here each process has names of its own."""

    _impl_class = _SourcesCacheImpl

    def __init__(self, py_func: Callable[..., Any]) -> None:
        super().__init__(py_func)
        files = self._cache_file
        files._data_name_pattern = f"{self._impl.filename_base}.{uuid4().hex[:12]}.{{number:d}}.nbc"


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


def _compiled(function: Callable[P, R], *, inline: bool, allocates: bool = False) -> Callable[P, R]:
    """Everything is always said, since what is left unsaid is taken over from the caller."""
    if INTERPRETED:
        return function
    dispatcher = numba.njit(error_model="numpy", nogil=True, _nrt=allocates, forceinline=inline)(function)
    dispatcher._cache = _SourcesCache(function)
    compiled: Callable[P, R] = dispatcher
    return compiled


def entry_point(function: Callable[P, R], *arguments: object) -> Callable[P, R]:
    """The machine code of a kernel for arguments of exactly these types, compiled or loaded at once.

    A kernel looks at the type of every argument of every call, which costs more than a small kernel's work. A caller
    that passes the same tables again and again may look once, here. What comes back looks at nothing: any argument of
    another type, layout or number of dimensions is undefined behaviour, so pass it only tables that you made.
    A function that is not compiled comes back as it is.
    """
    if interpreted(function) is function:
        return function
    dispatcher: Any = function
    signature = tuple(numba.typeof(argument) for argument in arguments)
    dispatcher.compile(signature)
    direct: Callable[P, R] = dispatcher.overloads[signature].entry_point
    return direct


def compile_problem(function: Callable[..., Any], *arguments: object, file: str = "") -> str:
    """Why a kernel cannot be compiled for arguments of these types, in the compiler's words; "" when it can.

    `file` is where its author would look: the message names the line of it that the compiler stopped at.
    """
    if INTERPRETED:
        return ""
    if interpreted(function) is function:
        return "a plain function: decorate it with quaestor.kernels.compile.kernel"
    dispatcher: Any = function
    try:
        dispatcher.compile(tuple(numba.typeof(argument) for argument in arguments))
    except Exception as error:  # noqa: BLE001 - the compiler meets foreign code, and fails in ways of its own
        return _useful_part(f"{error}", Path(file).name) or type(error).__name__
    return ""


def _useful_part(message: str, file: str) -> str:
    """The first complaint of a compiler's message of many lines, and the last line of a file that it names."""
    lines = [re.sub("\x1b\\[[0-9;]*m", "", line).strip() for line in message.splitlines()]
    said = [line for line in lines if line and not line.startswith(("Failed in", "During:", "File "))]
    complaint = " ".join(said[:2] if said and said[0].endswith(":") else said[:1]).replace(">>> ", "")
    places: list[str] = re.findall(rf"{re.escape(file)}\"?,? (?:line )?\(?(\d+)", message) if file else []
    return f"{complaint} ({file}, line {places[-1]})" if places else complaint


def interpreted(function: Callable[P, R]) -> Callable[P, R]:
    """The plain Python twin of a kernel: the oracle that the compiled function is tested against."""
    plain: Callable[P, R] = getattr(function, "py_func", function)
    return plain
