"""User-defined features: a decorator that makes a feature of a function of the last n values.

    @feature(Integer("length", 14, 2, 500, "bars"), units="ratio", source="Lane (1950s)")
    def range_position(high, low, close):
        \"\"\"Position of the close between the lowest low and the highest high; in [0, 1].\"\"\"
        return (close[-1] - low.min()) / (high.max() - low.min())

The name of the function becomes the name of the feature, its docstring the explanation. Arguments named like rows of
the market matrix (`domain.market_matrix.column_name`) are windows: float64, one-dimensional, oldest first, read-only.
Arguments named like parameters are their values. The function returns a number, or one for each of several outputs.

It is called once a row, compiled, when the windows are full. As for every feature, a row in which an input is missing
gives NaN and is otherwise skipped. A NaN or infinite result is written as NaN: no value at that row.

A feature that needs more (a recursion, other features as parts, time stamps) is written like the built-in ones: a
kernel with its own state and a `Feature` that declares it.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from quaestor.domain.market_matrix import ALL_COLUMNS, column_name
from quaestor.domain.parameter import Integer, Parameter, Value
from quaestor.errors import ConfigError, QuaestorError
from quaestor.features.feature import Feature, parse_instance
from quaestor.features.interpreted import interpret
from quaestor.jit.compile import allocating
from quaestor.jit.fuse import fuse
from quaestor.jit.sources import sources_digest
from quaestor.numeric.windows import windows_dtype

_ROWS = {column_name(row): row for row in range(ALL_COLUMNS)}

_SOURCE = '''"""Generated: {name} of module {module}, called with windows. Sources: {digest}."""

from numpy import nan

from quaestor.jit.compile import kernel
from quaestor.numeric.windows import push_value


@kernel
def advance(state, params, columns, out, i, n):
    s = state[0]
    p = params[0]
    rings = s["rings"]
    count = s["count"]
    position = s["position"]
    length = {length}
    for k in range(i, n):
        {missing}
        {values}
        if {test} != 0.0:
            continue
        {pushes}
        count = min(count + 1, length)
        if count == length:
            given = function({arguments})
            {stores}
        position = position + 1 if position + 1 < length else 0
    s["count"] = count
    s["position"] = position
'''


def feature(
    *parameters: Parameter,
    units: str,
    source: str = "its author",
    outputs: Sequence[str] = (),
    window: int = 0,
    family: str = "user",
    compiled: bool = True,
) -> Callable[[Callable[..., Any]], Feature]:
    """Return a decorator that makes a feature of a function of windows; see the module's docstring.

    Args:
        parameters: the first is the number of rows in a window, unless `window` is given.
        units: of the result, such as ``"ratio"``, ``"quote"``, ``"bars"``.
        source: paper, book or person.
        outputs: names of several outputs; the first may be the feature's own name.
        window: number of rows in a window when no parameter gives it.
        family: heading in lists.
        compiled: False for a function that cannot be compiled: it runs interpreted, slowly.

    Raises:
        ConfigError: naming file and line, for an argument that is neither a row of the market matrix nor a parameter,
            or another invalid declaration.

    Example:
        >>> @feature(units="ratio", window=2)
        ... def jump(open, close):
        ...     '''Open relative to the previous close.'''
        ...     return open[-1] / close[0] - 1.0
        Traceback (most recent call last):
        quaestor.errors.ConfigError: <doctest ...>:1: a feature must be defined in a file — save the function in one
    """

    def define(function: Callable[..., Any]) -> Feature:
        place = f"{function.__code__.co_filename}:{function.__code__.co_firstlineno}"
        arguments = _arguments(function, parameters, place)
        rows = tuple(_ROWS[name] for name in arguments if name in _ROWS)
        _require_length(window, parameters, place)
        names = tuple(outputs) or (function.__name__,)
        text = _wrapper(function, _digest(function, place), arguments, names, parameters, window)
        declared = Feature(
            name=function.__name__,
            family=family,
            doc=inspect.getdoc(function) or "",
            units=units,
            source=source,
            inputs=rows,
            outputs=names,
            parameters=parameters,
            advance=fuse("feature", text, function=allocating(function)).advance,
            state_dtype=lambda *values: windows_dtype(_length(window, values), len(rows)),
            warmup=lambda *values: _length(window, values) - 1,
            function=function,
        )
        check_declaration(declared, place)
        return declared if compiled else interpret(declared)

    return define


def check_declaration(feature: Feature, place: str) -> None:
    """Refuse a declaration that is incomplete or whose names do not parse to the feature they denote.

    Raises:
        ConfigError: describing the defect, at `place`.
    """
    for what in ("doc", "units", "source", "outputs"):
        if not getattr(feature, what):
            remedy = "write a docstring" if what == "doc" else f"give {what}"
            raise ConfigError(f"feature {feature.name} has no {what}", place=place, remedy=remedy)
    if not feature.inputs and not feature.timed:
        raise ConfigError(f"feature {feature.name} reads nothing", place=place, remedy="name a row as an argument")
    if len(set(feature.outputs)) != len(feature.outputs):
        raise ConfigError(f"outputs {', '.join(feature.outputs)} repeat a name", place=place)
    for output in range(len(feature.outputs)):
        instance = feature.instance(output=output)
        try:
            parses_back = parse_instance(instance.name, [feature]) == instance
        except QuaestorError:
            parses_back = False
        if not parses_back:
            remedy = "use lower-case letters, digits and _, beginning with a letter; no number after the last _"
            raise ConfigError(f"'{instance.name}' is no name for a feature", place=place, remedy=remedy)


def _arguments(function: Callable[..., Any], parameters: Sequence[Parameter], place: str) -> tuple[str, ...]:
    allowed = {*_ROWS, *(parameter.name for parameter in parameters)}
    for argument in inspect.signature(function).parameters.values():
        if argument.name not in allowed or argument.kind is not argument.POSITIONAL_OR_KEYWORD:
            known = [name for name in _ROWS if not name[-1].isdigit() and "depth" not in name]
            remedy = f"name rows ({', '.join(known)} …) or declared parameters, without * or **"
            raise ConfigError(f"argument {argument.name} means nothing", place=place, remedy=remedy)
    return tuple(inspect.signature(function).parameters)


def _require_length(window: int, parameters: Sequence[Parameter], place: str) -> None:
    if not window and not (parameters and isinstance(parameters[0], Integer)):
        remedy = "make the first parameter an Integer of rows, or give window=ROWS"
        raise ConfigError("no length of the windows", place=place, remedy=remedy)


def _digest(function: Callable[..., Any], place: str) -> str:
    """Return the digest of the file that holds the function, and of the files beside it that it imports."""
    try:
        return sources_digest(function.__code__.co_filename)
    except OSError as error:
        remedy = "save the function in one"
        raise ConfigError("a feature must be defined in a file", place=place, remedy=remedy) from error


def _length(window: int, values: Sequence[Value]) -> int:
    return window or int(values[0])


def _wrapper(
    function: Callable[..., Any],
    digest: str,
    arguments: Sequence[str],
    outputs: Sequence[str],
    parameters: Sequence[Parameter],
    window: int,
) -> str:
    """Return the source of the kernel that keeps the windows and calls the function."""
    rows = [name for name in arguments if name in _ROWS]
    given = {name: f"rings[{r}][position + 1 : position + 1 + length]" for r, name in enumerate(rows)}
    several = len(outputs) > 1
    numbers = [f"x{j} = float(given[{j}])" if several else "x0 = float(given)" for j in range(len(outputs))]
    stores = [f"out[{j}, k] = x{j} if x{j} - x{j} == 0.0 else nan" for j in range(len(outputs))]
    inside, deeper = "\n" + " " * 8, "\n" + " " * 12
    return _SOURCE.format(
        name=function.__qualname__,
        module=function.__module__,
        digest=digest,
        length=window or f'p["{parameters[0].name}"]',
        missing=inside.join(f"out[{j}, k] = nan" for j in range(len(outputs))),
        values=inside.join(f"v{r} = columns[{_ROWS[name]}, k]" for r, name in enumerate(rows)),
        test=" + ".join(f"(v{r} - v{r})" for r in range(len(rows))) or "0.0",
        pushes=inside.join(f"push_value(rings[{r}], length, position, v{r})" for r in range(len(rows))),
        arguments=", ".join(given.get(name, f'p["{name}"]') for name in arguments),
        stores=deeper.join([*numbers, *stores]),
    )
