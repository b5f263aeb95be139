"""Definition digest: one hash of all that computes some features, so that a model is refused when its inputs change.

Everything that can change a value is followed from a feature's kernel: the text of each function that it calls, the
package's or the user's, constants and members of enumerations by value, dtypes, parameters, and the features that it is
made of. Comments, docstrings, annotations, formatting and the place of files change nothing, nor does code that the
feature does not call: an update of the program refuses models only where their inputs changed.
"""

import ast
import hashlib
import inspect
import sysconfig
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from quaestor.domain.market_matrix import column_name
from quaestor.domain.resample import resample_advance
from quaestor.errors import ConfigError
from quaestor.features.feature import Feature, FeatureInstance, parse_instance
from quaestor.features.frame import is_complete_bar
from quaestor.jit.cache import PACKAGE


@cache
def code_sha256() -> str:
    """Return the digest of every Python source of the package, by its path in the package."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(PACKAGE).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def features_sha256(names: Iterable[str], catalog: Sequence[Feature]) -> str:
    """Return the digest of the definitions of some features, whatever the order of their names.

    Args:
        names: canonical, or as `features.feature.parse_instance` takes them.
        catalog: of features, the user's own among them.

    Raises:
        UnknownNameError: no such feature.
        ConfigError: the source of a function cannot be read.
    """
    instances = {instance.name: instance for instance in (parse_instance(name, catalog) for name in names)}
    digest = hashlib.sha256()
    for name in sorted(instances):
        digest.update(f"{name} {_digest(instances[name], catalog)}\n".encode())
    return digest.hexdigest()


def _digest(instance: FeatureInstance, catalog: Sequence[Feature]) -> str:
    """Return the digest of one feature's definition."""
    feature, params = instance.feature, instance.params()
    text = _Text(feature)
    text.add(instance.name, [column_name(row) for row in instance.inputs], feature.outputs, instance.warmup)
    text.add(instance.state_dtype, params.dtype, params.tobytes().hex(), feature.timed)
    text.follow(feature.advance)
    if feature.function is not None:
        text.follow(feature.function)
    if instance.frame_ns:
        text.follow(resample_advance)
        text.follow(is_complete_bar)
    for part in feature.parts(*instance.values):
        text.add(part, _digest(parse_instance(part, catalog), catalog))
    return hashlib.sha256("\n".join(text.lines).encode()).hexdigest()


class _Text:
    """Text of a definition, in lines: it changes when the definition computes something else."""

    def __init__(self, feature: Feature) -> None:
        self.lines: list[str] = []
        self._place = feature.origin or f"feature {feature.name}"
        self._home = str(getattr(feature.function or feature.advance, "__module__", "")).partition(".")[0]
        self._numbers: dict[CodeType, int] = {}

    def add(self, *values: object) -> None:
        """Add plain values."""
        self.lines += [repr(value) for value in values]

    def follow(self, value: Any, used: frozenset[str] = frozenset()) -> None:
        """Add what a value can change; `used`: attributes that the code around it reads."""
        value = getattr(value, "py_func", value)
        match value:
            case FunctionType():
                if not self._is_foreign(value.__module__, value.__code__.co_filename):
                    self._follow_function(value)
            case ModuleType():
                if not self._is_foreign(value.__name__, getattr(value, "__file__", None)):
                    self._follow_names(vars(value), used)
            case type() if issubclass(value, Enum):
                self.add({name: repr(member.value) for name, member in value.__members__.items() if name in used})
            case np.ndarray():
                self.add(value.dtype, value.shape, value.tobytes().hex())
            case bool() | int() | float() | complex() | str() | bytes() | None | np.generic() | np.dtype():
                self.add(value)
            case tuple() | list() | frozenset() | set():
                for item in sorted(value, key=repr) if isinstance(value, set | frozenset) else value:
                    self.follow(item, used)
            case Mapping():
                for key in sorted(value, key=repr):
                    self.follow(key)
                    self.follow(value[key], used)
            case _ if is_dataclass(value) and not isinstance(value, type):
                for field in fields(value):
                    self.follow(getattr(value, field.name), used)

    def _follow_function(self, function: FunctionType) -> None:
        code = function.__code__
        if code in self._numbers:
            self.add(("again", self._numbers[code]))
            return
        self._numbers[code] = len(self._numbers)
        self.lines.append(self._source(function))
        self.follow(function.__defaults__ or ())
        for cell in function.__closure__ or ():
            self.follow(cell.cell_contents)
        self._follow_names(function.__globals__, _names(code))

    def _follow_names(self, namespace: Mapping[str, Any], used: frozenset[str]) -> None:
        for name in sorted(used):
            if name in namespace:
                self.lines.append(name)
                self.follow(namespace[name], used)

    def _source(self, function: FunctionType) -> str:
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        except SyntaxError:  # a lambda: the source is a part of an expression
            code = function.__code__
            return f"{code.co_code.hex()} {[c for c in code.co_consts if not isinstance(c, CodeType)]}"
        except OSError as error:
            raise ConfigError(
                f"the source of {function.__name__} cannot be read: {error}",
                place=self._place,
                remedy="keep features in files",
            ) from error
        return ast.unparse(_Bare().visit(tree))

    def _is_foreign(self, module: str | None, file: str | None) -> bool:
        """Return whether code belongs to a library, whose version is in the environment's fingerprint."""
        top = str(module).partition(".")[0]
        if top == self._home or top.startswith("quaestor"):
            return False
        return file is None or any(Path(file).is_relative_to(folder) for folder in _libraries())


class _Bare(ast.NodeTransformer):
    """Transformer that removes what computes nothing: decorators, annotations and docstrings of functions."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        """Return a function without them."""
        node.decorator_list, node.returns = [], None
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        self.generic_visit(node)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Return an argument without its annotation."""
        node.annotation = None
        return node


@cache
def _libraries() -> tuple[Path, ...]:
    return tuple(Path(sysconfig.get_path(kind)) for kind in ("stdlib", "platstdlib", "purelib", "platlib"))


def _names(code: CodeType) -> frozenset[str]:
    """Return every global and attribute that a function reads, its inner functions included."""
    inner = (const for const in code.co_consts if isinstance(const, CodeType))
    return frozenset(code.co_names).union(*map(_names, inner))
