"""Features that users wrote in projects of their own: found by path, environment or installed package, and imported.

Importing a file runs it: it is the user's own program, as a strategy's settings are the user's own.

A file becomes a module named after itself and its place, the same in every process: its machine code is found again.
What it imports from beside it is found as when Python runs the file.
"""

import hashlib
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import quaestor
from quaestor.errors import ConfigError, QuaestorError
from quaestor.features.catalog import CATALOG
from quaestor.features.define import check_declaration
from quaestor.features.feature import Feature
from quaestor.features.interpreted import author_code
from quaestor.jit.sources import sources_digest

#: Files and folders, separated as in PATH.
ENVIRONMENT = "QUAESTOR_FEATURES"
#: Entry points of installed packages: a module, a feature, or a sequence of features.
GROUP = "quaestor.features"

T = TypeVar("T")

_PACKAGE = Path(quaestor.__file__).parent


def load_user_features(paths: Sequence[Path] = (), environment: Mapping[str, str] = os.environ) -> tuple[Feature, ...]:
    """The features of installed packages, of `QUAESTOR_FEATURES` and of some files and folders, each once.

    Args:
        paths: a file, or a folder of which every ``*.py`` is taken that does not begin with an underscore.
        environment: where `QUAESTOR_FEATURES` is looked up.

    Raises:
        ConfigError: with file and line: no such file, a syntax error, an exception when it is imported, a name that is
            taken, a declaration that cannot be.
    """
    named = (Path(text) for text in environment.get(ENVIRONMENT, "").split(os.pathsep) if text)
    files = dict.fromkeys(file.resolve() for path in (*named, *paths) for file in _files(path))
    found = [feature for entry in entry_points(group=GROUP) for feature in _from_package(entry)]
    found += [feature for file in files for feature in _collect(_import_file(file), str(file))]
    return _without_repeats(found)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(file for file in path.glob("*.py") if not file.name.startswith("_"))
        if not found:
            raise ConfigError(
                "no Python file in this folder", place=str(path), remedy="name the file with the features"
            )
        return found
    if not path.is_file():
        raise ConfigError("no such file or folder", place=str(path), remedy=f"check --feature-path and {ENVIRONMENT}")
    return [path]


def _import_file(path: Path) -> ModuleType:
    """The file as a module, imported once for what it and the files that it imports say now."""
    name = f"quaestor_user_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    digest = sources_digest(path)
    loaded = sys.modules.get(name)
    if loaded is not None and vars(loaded).get("__quaestor_sources__") == digest:
        return loaded
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    sys.path.insert(0, str(path.parent))
    try:
        _guard(path, lambda: exec(compile(path.read_bytes(), str(path), "exec"), vars(module)))
    except ConfigError:
        del sys.modules[name]
        raise
    finally:
        sys.path.remove(str(path.parent))
    vars(module)["__quaestor_sources__"] = digest
    return module


def _from_package(entry: EntryPoint) -> list[Feature]:
    place = f"entry point {entry.name} = {entry.value}"
    loaded: Any = _guard(Path(entry.module), entry.load, place)
    if isinstance(loaded, ModuleType):
        return list(_collect(loaded, loaded.__file__ or place))
    if isinstance(loaded, Feature):
        return [_at_home(loaded, place)]
    if isinstance(loaded, Sequence) and all(isinstance(item, Feature) for item in loaded):
        return [_at_home(item, place) for item in loaded]
    raise ConfigError("gives no features", place=place, remedy="name a module, a feature or a sequence of features")


def _guard(path: Path, call: Callable[[], T], place: str = "") -> T:
    """What a call that runs a user's code gives, with whatever it raises turned into one error with file and line."""
    try:
        return call()
    except QuaestorError:
        raise
    except SyntaxError as error:
        at = f"{error.filename}:{error.lineno}"
        raise ConfigError(f"{type(error).__name__}: {error.msg}", place=at, remedy="correct the file") from error
    except (Exception, SystemExit) as error:
        at = _line_of(error, path) or place or str(path)
        raise ConfigError(f"{type(error).__name__}: {error}", place=at, remedy="correct the file") from error


def _line_of(error: BaseException, path: Path) -> str:
    """The innermost line of the user's file, or of what it called, that was running."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == str(path)]
    foreign = [f for f in frames if "importlib" not in f.filename and f.filename != __file__]
    for frame in (own or foreign)[-1:]:
        return f"{frame.filename}:{frame.lineno}"
    return ""


def _collect(module: ModuleType, origin: str) -> Iterator[Feature]:
    """The features that a module holds under names of its own, or in a tuple or list."""
    for value in vars(module).values():
        for item in value if isinstance(value, tuple | list) else (value,):
            if isinstance(item, Feature) and item not in CATALOG:
                yield _at_home(item, origin)


def _at_home(feature: Feature, found_in: str) -> Feature:
    """The feature with the file that it is written in, or where it was found when its kernel is the package's."""
    file = author_code(feature).co_filename
    origin = found_in if Path(file).is_relative_to(_PACKAGE) else file
    check_declaration(feature, origin)
    return replace(feature, origin=origin)


def _without_repeats(found: Iterable[Feature]) -> tuple[Feature, ...]:
    """Each definition once, wherever it was met.

    Raises:
        ConfigError: two definitions of one name.
    """
    known = {feature.name: feature for feature in CATALOG}
    kept: dict[str, Feature] = {}
    for feature in found:
        other = known.get(feature.name) or kept.get(feature.name)
        if other is None:
            kept[feature.name] = feature
        elif other.origin != feature.origin or _line(other) != _line(feature):
            taken = f"in {other.origin}:{_line(other)}" if other.origin else "in the catalogue"
            raise ConfigError(
                f"there is a feature {feature.name} {taken} already",
                place=f"{feature.origin}:{_line(feature)}",
                remedy="choose another name",
            )
    return tuple(kept.values())


def _line(feature: Feature) -> int:
    return author_code(feature).co_firstlineno
