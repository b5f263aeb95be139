"""Generated modules: source text made at run time, stored in the kernel cache and imported.

Numba can cache neither functions passed as arguments nor closures. So a set of kernels chosen at run time is written as
the source of a small module, stored under the hash of its text and imported: compiled once, cached like any other.
"""

import hashlib
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from quaestor.jit.cache import cache_directory

#: Prefix of the names of generated modules; a digest of the text follows.
GENERATED = "quaestor_generated_"


def fuse(stem: str, source: str, **given: Any) -> ModuleType:
    """Return `source` imported as a module of the kernel cache; the same text gives the same module.

    Args:
        stem: name of the module in the cache, before its digest.
        source: its text.
        given: names that the text uses and cannot import, such as a function that is being defined. The text must
            identify their values (by a digest in a comment), since the cache is keyed by the text.

    Safe against another process doing the same at the same time: the file appears whole or not at all.
    """
    digest = hashlib.sha256(source.encode()).hexdigest()[:16]
    name = f"{GENERATED}{stem}_{digest}"
    loaded = sys.modules.get(name)
    if loaded is not None:
        return loaded
    directory = cache_directory() / "generated"
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.py"
    if not _holds(path, source):
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_text(source, encoding="utf-8")
        partial.replace(path)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    vars(module).update(given)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _holds(path: Path, source: str) -> bool:
    """Return whether a file holds exactly this text: one that was cut off or damaged does not."""
    return path.is_file() and path.read_bytes() == source.encode()
