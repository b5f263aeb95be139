"""`quaestor models list` and `compare`: list versions, and compare two."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from quaestor.adapters.model_stores.deployed import deployed_names, read_deployment
from quaestor.adapters.model_stores.registry import Registry
from quaestor.adapters.model_stores.stages import Alias, Version
from quaestor.cli.models.options import SHOWN_DIGITS, AsJson, Models, Name
from quaestor.cli.output import MISSING, console, err_console, format_time, make_table, print_json
from quaestor.domain.wording import counted
from quaestor.errors import ModelError
from quaestor.runtime.models.load import DEFAULT_ROOT


@dataclass(frozen=True, slots=True)
class Listing:
    """Versions, and the disagreements between registry and deployment."""

    versions: list[Version]
    warnings: list[str]


def list_(
    name: Annotated[str | None, typer.Argument(help="One model; every one if none.", show_default=False)] = None,
    models: Models = DEFAULT_ROOT,
    as_json: AsJson = False,
) -> None:
    """List every version of every model: what it is now, its judgement, and whether runs use what the registry says."""
    registry = Registry(models)
    names = (name,) if name is not None else registry.names()
    versions = [version for each in names for version in registry.versions(each)]
    listing = Listing(versions, disagreements(models, versions, None if name is None else {name}))
    if as_json:
        print_json(listing)
        return
    title = f"{counted(len(versions), 'version')} in {models}; `quaestor models show NAME` explains one"
    table = make_table(title, "model", "version", "is", "judged", "registered", "SHA-256", right={"version"})
    for version in versions:
        judged = registry.judgement(version.name, version.number)
        verdict = MISSING if judged is None else "better" if judged.promote else "not better"
        what, when = " ".join(version.aliases), format_time(version.registered_ts)
        table.add_row(version.name, str(version.number), what, verdict, when, version.sha256[:SHOWN_DIGITS])
    console.print(table)
    for warning in listing.warnings:
        err_console.print(f"warning: {warning}", markup=False, soft_wrap=True)


def disagreements(root: Path, versions: list[Version], only: set[str] | None = None) -> list[str]:
    """Return one sentence for each model whose runs would use another version than the registry's champion."""
    champions = {version.name: version for version in versions if Alias.CHAMPION in version.aliases}
    found = []
    for name in sorted({*champions, *deployed_names(root)} if only is None else only):
        champion = champions.get(name)
        try:
            deployment = read_deployment(root, name)
        except ModelError as error:
            found.append(str(error))
            continue
        used, meant = deployment and deployment.sha256, champion and champion.sha256
        if used == meant:
            continue
        runs = f"runs use version {deployment.version}" if deployment else "runs use none"
        if champion is None:
            found.append(f"model {name}: {runs}, and the registry has no champion — promote a version")
        else:
            mend = f"'quaestor models promote {name} {champion.number}' mends it"
            found.append(f"model {name}: {runs}, and the registry's champion is {champion.number} — {mend}")
    return found


def compare(
    name: Name,
    a: Annotated[int, typer.Argument(help="One version.", show_default=False)],
    b: Annotated[int, typer.Argument(help="Another.", show_default=False)],
    models: Models = DEFAULT_ROOT,
    as_json: AsJson = False,
) -> None:
    """Compare the figures of two versions, and the settings in which they differ."""
    compared = Registry(models).compare(name, a, b)
    if as_json:
        print_json(compared)
        return
    sides = (f"version {a}", f"version {b}")
    figures = make_table(f"{name}: figures", "figure", *sides, "difference", right={*sides, "difference"})
    for key, pair in compared.metrics.items():
        one, other = pair
        difference = MISSING if one is None or other is None else f"{other - one:+.6g}"
        figures.add_row(key, *(MISSING if value is None else f"{value:.6g}" for value in pair), difference)
    console.print(figures)
    settings = make_table(f"settings that differ: {len(compared.settings)}", "setting", *sides)
    for key, values in compared.settings.items():
        settings.add_row(key, *(value or MISSING for value in values))
    console.print(settings)
