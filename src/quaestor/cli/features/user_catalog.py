"""Feature catalog of a command: the built-in features and the user's."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from quaestor.adapters.feature_checks import check_and_remember, recall_report, require_usable
from quaestor.adapters.user_features import load_user_features
from quaestor.cli.output import err_console
from quaestor.features.catalog import CATALOG
from quaestor.features.feature import Feature, parse_instance

#: What stands where others have their file.
BUILT_IN = "built in"

FeaturePath = Annotated[
    list[Path] | None,
    typer.Option("--feature-path", help="A file or folder with features of your own; also $QUAESTOR_FEATURES."),
]


def load_catalog(paths: Sequence[Path] | None) -> tuple[Feature, ...]:
    """Return every built-in feature and every one of the user's."""
    return (*CATALOG, *load_user_features(paths or ()))


def load_checked_catalog(paths: Sequence[Path] | None, names: Iterable[str]) -> tuple[Feature, ...]:
    """Return the catalog as `load_catalog` does, after checking those of the user's that the names need; progress goes
    to stderr.

    Raises:
        ConfigError: a feature that failed its check; and see `load_user_features`, `parse_instance`.
    """
    catalog = load_catalog(paths)
    needed: dict[str, Feature] = {}
    waiting = [parse_instance(name, catalog) for name in names]
    while waiting:
        instance = waiting.pop()
        if instance.feature.origin:
            needed[instance.feature.name] = instance.feature
        waiting += [parse_instance(part, catalog) for part in instance.feature.parts(*instance.values)]
    ready = {name: _check(feature, catalog) for name, feature in needed.items()}
    return tuple(ready.get(feature.name, feature) for feature in catalog)


def _check(feature: Feature, catalog: Sequence[Feature]) -> Feature:
    report = recall_report(feature, catalog)
    if report is None:
        _note(f"checking {feature.name} of {feature.origin}")
        report = check_and_remember(feature, catalog)
    ready = require_usable(feature, report)
    if ready.interpreted:
        _note(f"{feature.name} is not compiled, and slow: {report.reason}")
    return ready


def _note(text: str) -> None:
    err_console.print(text, markup=False, soft_wrap=True)
