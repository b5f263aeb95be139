"""Catalog checks: names of strategies, regime filters, execution algorithms, sizers, limits and parameters.

The catalogs import the compiler, so each is imported only when a name of its kind was given.
"""

from collections.abc import Callable, Iterable, Sequence

from quaestor.domain.parameter import Parameter, parse_settings
from quaestor.errors import UsageError
from quaestor.risk.contract import Setting
from quaestor.runtime.config.layers import FREE_TABLES, Key, Layer
from quaestor.runtime.config.model import split_names
from quaestor.runtime.config.problems import Problem, suggest

_STRATEGY: Key = ("strategy", "name")


def risk_limits() -> dict[str, Setting]:
    """Return every limit of the risk officer and of the exits, by name."""
    from quaestor.risk.settings import all_settings

    return {setting.name: setting for setting in all_settings()}


def regimes() -> list[str]:
    """Return the names of the regime filters."""
    from quaestor.brain.regime.catalog import CATALOG

    return [regime.name for regime in CATALOG]


def algorithms() -> list[str]:
    """Return the names of the execution algorithms."""
    from quaestor.execution.catalog import ALGORITHMS

    return list(ALGORITHMS)


def sizers() -> list[str]:
    """Return the names of the sizers."""
    from quaestor.risk.sizing.catalog import SIZERS

    return [sizer.name for sizer in SIZERS]


def strategies() -> list[str]:
    """Return the names of the strategies."""
    from quaestor.brain.alpha.catalog import CATALOG
    from quaestor.brain.trained.settings import NAME

    return [*(alpha.name for alpha in CATALOG), NAME]


def unknown_names(given: Layer, default_strategy: str) -> list[Problem]:
    """Return a problem for every name that is in no catalog, and every parameter that its strategy refuses."""
    found: list[Problem] = []
    for name in _chosen(given, default_strategy):
        if name not in (known := strategies()):
            found.append(Problem(given.places[_STRATEGY], f"unknown strategy '{name}'", suggest(name, known)))
    kinds: tuple[tuple[Key, str, Callable[[], Iterable[str]]], ...] = (
        (("regime",), "regime filter", regimes),
        (("execution",), "execution algorithm", algorithms),
    )
    for key, kind, names in kinds:
        if key in given.values and (name := str(given.values[key])) not in (known := list(names())):
            found.append(Problem(given.places[key], f"unknown {kind} '{name}'", suggest(name, known)))
    for key in _entries(given, FREE_TABLES[1]):
        if key[2] not in (limits := risk_limits()):
            found.append(Problem(given.places[key], f"unknown limit '{key[2]}'", suggest(key[2], limits)))
    found.extend(_refused_sizing(given))
    found.extend(_refused_parameters(given, default_strategy))
    return found


def _refused_sizing(given: Layer) -> list[Problem]:
    """Return the problems of sizer names and numbers."""
    key: Key = ("sizing", "sizers")
    chosen = given.values.get(key, ())
    names = chosen.split(",") if isinstance(chosen, str) else chosen
    found: list[Problem] = []
    for name in map(str.strip, map(str, names)) if isinstance(names, list | tuple) else ():
        if name not in (known := sizers()):
            found.append(Problem(given.places[key], f"unknown sizer '{name}'", suggest(name, known)))
    numbers = _entries(given, FREE_TABLES[2])
    if numbers:
        from quaestor.risk.sizing.settings import PARAMETERS

        found.extend(_refused_settings(given, numbers, PARAMETERS))
    return found


def _refused_parameters(given: Layer, default_strategy: str) -> list[Problem]:
    """Return the problems of strategy parameters; none while a strategy's own name is wrong."""
    keys = _entries(given, FREE_TABLES[0])
    names = _chosen(given, default_strategy)
    if not keys or not set(names) <= set(strategies()):
        return []
    found: list[Problem] = []
    for name in names:
        prefix = f"{name}." if len(names) > 1 else ""
        found += _refused_by(name, given, [key for key in keys if key[2].startswith(prefix)], prefix)
    if len(names) > 1:
        for key in keys:
            if key[2].partition(".")[0] not in names:
                what = f"'{key[2]}' names none of the strategies {', '.join(names)}"
                found.append(Problem(given.places[key], what, f"write {names[0]}.{key[2]}"))
    return found


def _refused_by(name: str, given: Layer, keys: list[Key], prefix: str) -> list[Problem]:
    """Return the problems of one strategy's parameters: those at `keys`, named after `prefix`."""
    from quaestor.brain.alpha.catalog import CATALOG, parse_alpha
    from quaestor.brain.trained import settings as trained

    if name == trained.NAME:
        return _refused_settings(given, keys, trained.PARAMETERS, prefix)
    parameters = next(alpha.parameters for alpha in CATALOG if alpha.name == name)
    found = _refused_settings(given, keys, parameters, prefix)
    if keys and not found:
        try:
            parse_alpha(name, {key[2].removeprefix(prefix): _text(given.values[key]) for key in keys})
        except UsageError as error:
            found.append(Problem(given.places[keys[0]], error.what, error.remedy))
    return found


def _chosen(given: Layer, default_strategy: str) -> tuple[str, ...]:
    """Return the names of the chosen strategies."""
    value = given.values.get(_STRATEGY, default_strategy)
    return tuple(map(str, value)) if isinstance(value, list | tuple) else split_names(str(value))


def _refused_settings(
    given: Layer, keys: list[Key], parameters: Sequence[Parameter], prefix: str = ""
) -> list[Problem]:
    """Return the problems of single settings, each parsed alone, so that each is reported at its own place."""
    found: list[Problem] = []
    for key in keys:
        try:
            parse_settings(parameters, {key[2].removeprefix(prefix): _text(given.values[key])})
        except UsageError as error:
            found.append(Problem(given.places[key], error.what, error.remedy))
    return found


def _entries(given: Layer, table: Key) -> list[Key]:
    """Return the keys that were given in a free-form table."""
    return [key for key in given.values if key[:2] == table and len(key) == 3]


def _text(value: object) -> str:
    """Return a value as the text that `parse_settings` reads."""
    return str(value).lower() if isinstance(value, bool) else str(value)
