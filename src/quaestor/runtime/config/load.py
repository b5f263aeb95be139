"""Configuration loader: joins the layers, checks the whole, and reports every mistake with its place."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError

from quaestor.runtime.config.catalogs import unknown_names
from quaestor.runtime.config.layers import (
    FREE_TABLES,
    PREFIX,
    Key,
    Layer,
    read_assignments,
    read_dotenv,
    read_file,
    read_variables,
)
from quaestor.runtime.config.model import RunConfig
from quaestor.runtime.config.problems import Problem, suggest, to_error

#: Command-line option of each setting that has one.
OPTIONS: dict[str, str] = {
    "data.path": "--data",
    "data.symbol": "--symbol",
    "data.timeframe": "--timeframe",
    "data.start": "--from",
    "data.end": "--to",
    "data.market": "--market",
    "data.funding": "--funding",
    "data.mark": "--mark",
    "data.instruments": "--instruments",
    "strategy.name": "--strategy",
    "strategy.shares": "--shares",
    "strategy.resize_step": "--resize-step",
    "allocation.method": "--allocation",
    "allocation.weights": "--weights",
    "allocation.every_bars": "--allocation-every",
    "allocation.lookback_bars": "--allocation-lookback",
    "strategy.confidence_min": "--confidence-min",
    "strategy.hold_bars_min": "--hold-bars-min",
    "models.dir": "--models",
    "models.first_bars": "--first-training",
    "models.retrain_bars": "--retrain-every",
    "models.validation_bars": "--validation-bars",
    "account.capital": "--capital",
    "account.size": "--size",
    "account.leverage": "--leverage",
    "sizing.sizers": "--sizer",
    "costs.fee_bps": "--fee-bps",
    "costs.slippage_bps": "--slippage-bps",
    "costs.spread_bps": "--spread-bps",
    "costs.latency_ms": "--latency-ms",
    "costs.volume_cap": "--volume-cap",
    "risk.profile": "--risk",
    "regime": "--regime",
    "execution": "--execution",
    "journal.dir": "--journal",
    "journal.level": "--journal-level",
    "out": "--out",
    "seed": "--seed",
}


def load_config(
    *,
    file: Path | None = None,
    profile: str | None = None,
    options: Mapping[str, object] | None = None,
    settings: Sequence[str] = (),
    limits: Sequence[str] = (),
    sizing: Sequence[str] = (),
    required: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    dotenv: Path | None = Path(".env"),
) -> RunConfig:
    """Load a configuration: defaults < file (and its profile) < .env < environment < options.

    Args:
        file: YAML or TOML, with optional `profiles`.
        profile: one of the file's profiles.
        options: settings by dotted name, such as ``{"costs.fee_bps": "10"}``; None means not given.
        settings: the strategy's parameters as ``NAME=VALUE`` (``--set``).
        limits: overrides of single risk limits as ``NAME=VALUE`` (``--limit``).
        sizing: numbers of the sizers as ``NAME=VALUE`` (``--sizing``).
        required: dotted names of settings that must be given.
        environment: variables instead of the process's own.
        dotenv: file of variables, which may be absent.

    Raises:
        ConfigError: one error with the place and remedy of every mistake.
    """
    problems: list[Problem] = []
    known = environment_names()
    merged = read_file(file, profile, problems) if file is not None else Layer()
    if file is None and profile is not None:
        problems.append(Problem("--profile", "needs a file to take the profile from", "give --config FILE"))
    if dotenv is not None:
        merged.overlay(read_dotenv(dotenv, known, problems))
    merged.overlay(read_variables(os.environ if environment is None else environment, "environment", known, problems))
    merged.overlay(_from_options(options or {}))
    merged.overlay(read_assignments(tuple(settings), FREE_TABLES[0], "--set", problems))
    merged.overlay(read_assignments(tuple(limits), FREE_TABLES[1], "--limit", problems))
    merged.overlay(read_assignments(tuple(sizing), FREE_TABLES[2], "--sizing", problems))
    problems.extend(unknown_names(merged, RunConfig().strategy.name))
    for name in required:
        if merged.values.get(tuple(name.split("."))) is None:
            problems.append(Problem(OPTIONS[name], "is missing", f"give {OPTIONS[name]}, or {name} in a --config file"))
    config = _validate(merged, problems)
    if config is not None:
        problems.extend(_contradictions(config, merged))
    if problems or config is None:
        raise to_error(problems)
    return config


def environment_names() -> set[str]:
    """Return the name of every variable that is a setting of its own; parameters and limits come on top."""
    return {PREFIX + "__".join(key).upper() for key in _leaf_keys(RunConfig)}


def describe(dotted: str) -> str:
    """Return the description of what may be given for a setting.

    Example:
        >>> describe("data.mark")
        'a file of mark prices (perpetuals)'
    """
    return _describe(tuple(dotted.split(".")))[2]


def _leaf_keys(model: type[BaseModel], prefix: Key = ()) -> list[Key]:
    """Return the key of every setting that is no section."""
    keys: list[Key] = []
    for name, info in model.model_fields.items():
        inner = info.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            keys.extend(_leaf_keys(inner, (*prefix, name)))
        else:
            keys.append((*prefix, name))
    return keys


def _from_options(options: Mapping[str, object]) -> Layer:
    """Return the layer of command-line options; None means not given."""
    layer = Layer()
    for name, value in options.items():
        if value is not None:
            layer.put(tuple(name.split(".")), value, OPTIONS[name])
    return layer


def _validate(merged: Layer, problems: list[Problem]) -> RunConfig | None:
    """Return the typed configuration; None, with every mistake added to `problems`, where it is invalid."""
    tree: dict[str, object] = {}
    for key, value in merged.values.items():
        branch = tree
        for part in key[:-1]:
            inner = branch.setdefault(part, {})
            if not isinstance(inner, dict):
                inner = {}
            branch = inner
        branch[key[-1]] = value
    try:
        return RunConfig.model_validate(tree)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            problem = _explain(detail["type"], detail["loc"], detail["msg"], detail["input"], merged)
            if problem not in problems:
                problems.append(problem)
        return None


def _explain(kind: str, location: tuple[int | str, ...], message: str, given: object, merged: Layer) -> Problem:
    """Return an error of pydantic as a problem in the user's terms."""
    key = tuple(str(part) for part in location)
    model, known_key, description = _describe(key)
    place = next((merged.places[key[:size]] for size in range(len(key), 0, -1) if key[:size] in merged.places), "")
    place = place or next((where for at, where in merged.places.items() if at[: len(key)] == key), ".".join(key))
    if kind == "extra_forbidden":
        file, colon, dotted = place.partition(": ")
        if isinstance(given, Mapping) and colon:  # a whole unknown section: name it, not its first entry
            place = f"{file}: {dotted.rpartition('.')[0]}"
        return Problem(place, f"unknown setting '{key[-1]}'", suggest(key[-1], model.model_fields))
    if kind in ("model_type", "mapping_type", "dict_type"):
        return Problem(place, f"'{given}' is no table of settings", f"write settings under '{known_key[-1]}'")
    remedy = f"give {description}" if description else message.lower()
    return Problem(place, f"'{given}' is not allowed here", remedy)


def _describe(key: Key) -> tuple[type[BaseModel], Key, str]:
    """Return the innermost section on the path of a key, the part of the key that exists, and its description."""
    model: type[BaseModel] = RunConfig
    for depth, part in enumerate(key):
        info = model.model_fields.get(part)
        if info is None:
            return model, key[:depth] or key[:1], ""
        inner = info.annotation
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return model, key[: depth + 1], info.description or ""
        model = inner
    return model, key, ""


def _contradictions(config: RunConfig, merged: Layer) -> list[Problem]:
    """Return the problems of settings that are valid alone and contradict one another."""

    def place(*key: str) -> str:
        return merged.places.get(key, ".".join(key))

    found: list[Problem] = []
    data = config.data
    if data.start is not None and data.end is not None and data.start >= data.end:
        found.append(Problem(place("data", "end"), f"{data.end} is not after the start {data.start}", "swap them"))
    if data.market in ("spot", "equity"):
        for name, value in (("funding", data.funding), ("mark", data.mark)):
            if value is not None:
                remedy = f"leave it out, or choose market perp instead of {data.market}"
                found.append(Problem(place("data", name), f"a {data.market} market has no {name}", remedy))
    if ("journal", "level") in merged.values and config.journal.dir is None:
        found.append(
            Problem(place("journal", "level"), "no journal is written", "give a journal directory, or leave it out")
        )
    return found
