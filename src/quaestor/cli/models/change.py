"""`quaestor models promote` and `rollback`: change which version is in use."""

from dataclasses import dataclass, replace
from typing import Annotated

import typer

from quaestor.adapters.model_stores.registry import Registry
from quaestor.adapters.model_stores.stages import Judgement, Version
from quaestor.cli.features.user_catalog import FeaturePath, load_catalog
from quaestor.cli.models.options import SHOWN_DIGITS, AsJson, Models, Name
from quaestor.cli.output import console, err_console, print_json
from quaestor.errors import ConfigError
from quaestor.runtime.models.load import DEFAULT_ROOT, load_model

_REFUSED = 1


@dataclass(frozen=True, slots=True)
class Change:
    """Outcome of a command: `done`, the version it is about, and why."""

    done: bool
    name: str
    version: int
    sha256: str
    reason: str


def promote(
    name: Name,
    version: Annotated[int, typer.Argument(help="To be used from now on.", show_default=False)],
    models: Models = DEFAULT_ROOT,
    force: Annotated[bool, typer.Option("--force", help="Against what it was judged; needs --reason.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the history.")] = "",
    allow_changed_features: Annotated[
        bool, typer.Option("--allow-changed-features", help="Even if a feature that it reads was changed since.")
    ] = False,
    feature_path: FeaturePath = None,
    as_json: AsJson = False,
) -> None:
    """Put a version in use if it was judged better than what is in use; exit status 1 if it was not."""
    if force and not reason.strip():
        raise ConfigError("--force without a reason", place="models promote", remedy="give --reason TEXT")
    registry = Registry(models)
    chosen, champion = registry.version(name, version), registry.champion(name)
    loaded = load_model(
        models, chosen.sha256, load_catalog(feature_path), allow_changed_features=allow_changed_features
    )
    judgement = _judgement_now(registry, chosen, champion)
    if force:
        judgement = replace(judgement, reason=reason.strip())
    elif reason.strip():
        judgement = replace(judgement, reason=f"{judgement.reason}; {reason.strip()}")
    if loaded.notes:
        judgement = replace(judgement, reason="; ".join((judgement.reason, *loaded.notes)))
    is_in_use = champion is not None and champion.number == chosen.number
    if not (judgement.promote or force or is_in_use):
        _show(Change(False, name, version, chosen.sha256, judgement.reason), as_json)
        raise typer.Exit(_REFUSED)
    registry.promote(name, version, judgement, forced=force)
    why = "it is the champion already" if is_in_use else judgement.reason
    _show(Change(True, name, version, chosen.sha256, why), as_json)


def _judgement_now(registry: Registry, chosen: Version, champion: Version | None) -> Judgement:
    """Return the judgement of a version against what is in use now; a refusal where there is none."""
    judgement = registry.judgement(chosen.name, chosen.number)
    if judgement is None:
        return Judgement(False, "it was never measured against the champion", {})
    if judgement.against != (champion.sha256 if champion is not None else ""):
        against = f"model {judgement.against[:SHOWN_DIGITS]}" if judgement.against else "holding nothing"
        return Judgement(False, f"it was measured against {against}, not against what is in use now", {})
    return judgement


def rollback(
    name: Name,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the history.", show_default=False)],
    models: Models = DEFAULT_ROOT,
    as_json: AsJson = False,
) -> None:
    """Put the version back in use that was in use before."""
    if not reason.strip():
        raise ConfigError("no reason", place="models rollback", remedy="give --reason TEXT")
    back = Registry(models).rollback(name, reason.strip())
    _show(Change(True, name, back.number, back.sha256, reason.strip()), as_json)


def _show(change: Change, as_json: bool) -> None:
    if as_json:
        print_json(change)
    elif change.done:
        console.print(
            f"{change.name} version {change.version} is in use: {change.reason}", markup=False, soft_wrap=True
        )
    else:
        refusal = f"{change.name} version {change.version} is not promoted: {change.reason}"
        err_console.print(refusal, markup=False, soft_wrap=True)
