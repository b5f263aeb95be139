"""Cache of machine code, in a directory named by a hash of all sources of the package, so that it is never stale.

Numba keys its on-disk cache by the file of a function, so a function keeps its old machine code when a helper that it
inlined from *another* file changes. Here any edit makes everything compile afresh into a new directory.

Set ``QUAESTOR_INTERPRET=1`` to run every kernel as plain Python (to compare results, and to measure coverage),
``QUAESTOR_CACHE_DIR`` to move the cache.
"""

import hashlib
import os
import platform
import shutil
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from quaestor.errors import ConfigError

INTERPRETED = os.environ.get("QUAESTOR_INTERPRET", "") == "1"
PACKAGE = Path(__file__).resolve().parents[1]
_KEPT_GENERATIONS = 4


@cache
def sources_fingerprint() -> str:
    """Return the name of a cache generation: hex digest of the package's Python sources and the compiler versions."""
    digest = hashlib.sha256(f"{version('numba')} {np.__version__} {platform.python_version()}".encode())
    for path in sorted(PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:20]


@cache
def cache_root() -> Path:
    """Return the directory that holds one sub-directory for each cache generation."""
    chosen = os.environ.get("QUAESTOR_CACHE_DIR")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "quaestor" / "kernels"


@cache
def cache_directory() -> Path:
    """Return this generation's directory; if it is new, create it and delete all but the latest generations."""
    directory = cache_root() / sources_fingerprint()
    if not directory.exists():
        _make(directory)
        generations = sorted((p for p in cache_root().iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime)
        for old in generations[:-_KEPT_GENERATIONS]:
            shutil.rmtree(old, ignore_errors=True)
    return directory


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"the cache of machine code cannot be made here: {error.strerror}",
            place=str(directory),
            remedy="let QUAESTOR_CACHE_DIR name a directory that can be written",
        ) from error


def is_compiled(module: str) -> bool:
    """Return whether the cache holds machine code of a module, such as ``engine.trading_loop``."""
    return INTERPRETED or any((cache_directory() / module).glob("*.nbi"))
