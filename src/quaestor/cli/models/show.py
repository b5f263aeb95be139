"""`quaestor models show`: show one artefact, its figures and tables, and whether this program still fits it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.adapters.model_stores.registry import Registry
from quaestor.adapters.model_stores.stages import Alias, StageChange, Version
from quaestor.brain.regime.trained import trained_regime_dtype
from quaestor.cli.features.user_catalog import FeaturePath, load_catalog
from quaestor.cli.models.costs import cost_table
from quaestor.cli.models.options import AsJson, Models
from quaestor.cli.output import MISSING, console, format_number, format_time, make_table, print_json
from quaestor.domain.artefact import Artefact, Manifest
from quaestor.domain.timeframe import format_timeframe
from quaestor.errors import DataError, UsageError
from quaestor.features.feature import Feature
from quaestor.research.training.model_costs import ModelMemory, ModelTime, model_memory, time_models
from quaestor.research.training.regime_model import model_from_table
from quaestor.research.training.regime_report import StateSummary, summarise_states
from quaestor.runtime.models.load import DEFAULT_ROOT, has_same_code, has_same_features

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class TableSize:
    """Name, shape, bytes and fields of one table of an artefact."""

    name: str
    shape: tuple[int, ...]
    bytes: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything known of an artefact; `features` and `code`: whether they are as when it was trained."""

    sha256: str
    version: Version | None  # None for an artefact that is shown by its address
    manifest: Manifest
    tables: tuple[TableSize, ...]
    memory: tuple[ModelMemory, ...]  # of each model; none where another version wrote the tables
    times: tuple[ModelTime, ...]  # where they were requested
    features: str
    code: str
    states: tuple[StateSummary, ...]  # of the trained regime filter; none for rules
    transition: tuple[tuple[float, ...], ...]  # between them, from row to column
    history: tuple[StageChange, ...]


def show(
    model: Annotated[str, typer.Argument(help="Its name, or the SHA-256 of an artefact.", show_default=False)],
    version: Annotated[int | None, typer.Option("--version", help="The champion, or else the newest, if none.")] = None,
    models: Models = DEFAULT_ROOT,
    time: Annotated[bool, typer.Option("--time", help="Measure how long each model takes, here and now.")] = False,
    feature_path: FeaturePath = None,
    as_json: AsJson = False,
) -> None:
    """Show manifest, fingerprints, figures, tables and history of a model; whether features and code are as they
    were."""
    found: Version | None = None
    history: tuple[StageChange, ...] = ()
    if _SHA256.fullmatch(model) is None:
        registry = Registry(models)
        found = _choose(registry, model, version)
        history = registry.history(model)
    address = found.sha256 if found else model
    artefact = DirectoryModelStore(models).get(address)
    states, transition = _regimes(artefact)
    shown = Shown(
        address,
        found,
        artefact.manifest,
        _sizes(artefact),
        _memory(artefact),
        time_models(artefact) if time else (),
        _features(artefact.manifest, load_catalog(feature_path)),
        "the same" if has_same_code(artefact.manifest) else "another version of the program",
        states,
        transition,
        history,
    )
    if as_json:
        print_json(shown)
        return
    _print_facts(shown)
    _print_regimes(shown)
    if shown.memory:
        console.print(cost_table(shown.memory, shown.times))
    _print_tables(shown)


def _regimes(artefact: Artefact) -> tuple[tuple[StateSummary, ...], tuple[tuple[float, ...], ...]]:
    table = artefact.tables.get("regime")
    if table is None or artefact.manifest.trials == 0:  # rules have no table, and a blank model has no regimes
        return (), ()
    if table.dtype.names != trained_regime_dtype(1, 1).names:  # of another version: shown among the tables alone
        return (), ()
    model = model_from_table(artefact.manifest.regime_features, table)
    return summarise_states(model), tuple(tuple(row) for row in model.transition.tolist())


def _print_regimes(shown: Shown) -> None:
    """Print the states of the regime filter, how long they last, and what follows them; a mixture has no sequence."""
    if not shown.states:
        return
    looks_back = len(set(shown.transition)) > 1
    names = [f"{k + 1} {state.name.name.lower()}" for k, state in enumerate(shown.states)]
    features = shown.manifest.regime_features
    numbers = ("share", *(("bars",) if looks_back else ()), *features)
    title = "Regimes: share of time, expected dwell, means" if looks_back else "Regimes: share of time, means"
    states = make_table(title, "state", *numbers, right=set(numbers))
    for name, state in zip(names, shown.states, strict=True):
        dwell = (f"{state.expected_dwell:.1f}",) if looks_back else ()
        states.add_row(name, f"{state.weight:.1%}", *dwell, *(f"{mean:.4g}" for mean in state.means))
    console.print(states)
    if not looks_back:
        console.print("A mixture names each bar by itself; how long names last is in the report of its training.")
        return
    moves = make_table("Probability of the next state", "from", *names, right=set(names))
    for name, row in zip(names, shown.transition, strict=True):
        moves.add_row(name, *(f"{share:.3f}" for share in row))
    console.print(moves)


def _choose(registry: Registry, name: str, number: int | None) -> Version:
    if number is not None:
        return registry.version(name, number)
    versions = registry.versions(name)
    return next((version for version in versions if Alias.CHAMPION in version.aliases), versions[-1])


def _features(manifest: Manifest, catalog: Sequence[Feature]) -> str:
    try:
        return "the same" if has_same_features(manifest, catalog) else "changed since: train it again"
    except UsageError as error:
        return f"missing: {error}"


def _sizes(artefact: Artefact) -> tuple[TableSize, ...]:
    return tuple(
        TableSize(name, table.shape, table.nbytes, tuple(table.dtype.names or ()))
        for name, table in artefact.tables.items()
    )


def _memory(artefact: Artefact) -> tuple[ModelMemory, ...]:
    try:
        return model_memory(artefact)
    except DataError:  # another version's tables are shown among the tables alone
        return ()


def _print_facts(shown: Shown) -> None:
    manifest = shown.manifest
    title = shown.sha256
    if shown.version is not None:
        title = f"{shown.version.name} version {shown.version.number} {' '.join(shown.version.aliases)}".rstrip()
    table = make_table(title, "what", "value")
    barrier = manifest.barrier
    facts = (
        ("SHA-256", shown.sha256),
        ("market", f"{manifest.symbol} {manifest.market} {format_timeframe(manifest.interval_ns)}"),
        ("trained", f"{format_time(manifest.trained_from)} … {format_time(manifest.trained_through)}"),
        ("label", f"{barrier.profit:g} / {barrier.stop:g} barriers in {barrier.rows} rows at {barrier.cost:g} cost"),
        ("models", ", ".join(manifest.models)),
        ("classical", ", ".join(name for name, _ in manifest.alphas)),
        ("features", f"{len(manifest.features)}: {', '.join(manifest.features)}"),
        ("regime features", ", ".join(manifest.regime_features)),
        ("trials, seed", f"{manifest.trials}, {manifest.seed}"),
        ("data SHA-256", manifest.data_sha256),
        ("features SHA-256", f"{manifest.features_sha256} — {shown.features}"),
        ("code SHA-256", f"{manifest.code_sha256} — {shown.code}"),
        ("environment", manifest.environment),
        ("settings", manifest.settings),
    )
    for label, fact in facts:
        table.add_row(label, fact or MISSING)
    console.print(table, markup=False)


def _print_tables(shown: Shown) -> None:
    metrics = shown.version.metrics if shown.version is not None else shown.manifest.scores
    figures = make_table("Figures", "figure", "value", right={"value"})
    for name, value in sorted(metrics.items()):
        figures.add_row(name, f"{value:.6g}")
    console.print(figures)
    tables = make_table("Tables", "table", "shape", "bytes", "fields", right={"shape", "bytes"})
    for size in shown.tables:
        tables.add_row(size.name, " × ".join(map(str, size.shape)), format_number(size.bytes, 0), " ".join(size.fields))
    console.print(tables)
    if shown.history:
        history = make_table("History of the model", "time", "version", "what", "why", right={"version"})
        for line in shown.history:
            what = f"{line.stage} by force" if line.forced else line.stage.replace("_", " ")
            history.add_row(format_time(line.ts), str(line.version), what, line.reason)
        console.print(history)
