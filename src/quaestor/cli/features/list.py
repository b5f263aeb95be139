"""`quaestor features list`: list every definition, or every candidate that they expand to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from quaestor.cli.features.options import AsJson
from quaestor.cli.features.user_catalog import BUILT_IN, FeaturePath, load_catalog
from quaestor.cli.output import console, make_table, print_json
from quaestor.domain.market_matrix import ALL_COLUMNS, column_name
from quaestor.domain.parameter import Choice, Parameter
from quaestor.domain.wording import counted
from quaestor.features.candidates import candidates
from quaestor.features.feature import Feature, FeatureInstance


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """Parameter of a listed feature; `choices` instead of a range for one of a few values."""

    name: str
    default: int | float | str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    doc: str


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """Feature definition as listed; `name` can be computed as it stands."""

    name: str
    family: str
    inputs: tuple[str, ...]
    params: tuple[ParameterRow, ...]
    outputs: tuple[str, ...]
    warmup: int
    units: str
    source: str
    pattern: str
    doc: str
    origin: str


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """Candidate as listed; `warmup` in rows, or in bars of its timeframe."""

    name: str
    family: str
    warmup: int


def list_(
    expand: Annotated[bool, typer.Option("--candidates", help="Every speed and output of each.")] = False,
    timeframes: Annotated[str, typer.Option("--timeframes", help="With --candidates: such as 15m,1h.")] = "",
    feature_path: FeaturePath = None,
    json: AsJson = False,
) -> None:
    """List every feature: a name that can be computed, inputs and outputs, warm-up and unit; its source with --json."""
    catalog = load_catalog(feature_path)
    if expand:
        _list_candidates(catalog, [part.strip() for part in timeframes.split(",") if part.strip()], json=json)
        return
    rows = [describe_feature(feature) for feature in catalog]
    if json:
        print_json(rows)
        return
    own = ("origin",) if any(row.origin != BUILT_IN for row in rows) else ()
    columns = ("name", "family", "inputs", "further outputs", "warmup", "units", *own)
    table = make_table(
        f"{counted(len(rows), 'feature')}; `quaestor features show NAME` explains one", *columns, right={"warmup"}
    )
    for row in rows:
        outputs = " ".join(name.rpartition(".")[2] for name in row.outputs[1:])
        cells = (row.name, row.family, _shortened(row.inputs), outputs, str(row.warmup), row.units)
        table.add_row(*cells, *([row.origin] if own else []))
    console.print(table)


def _list_candidates(catalog: Sequence[Feature], timeframes: list[str], *, json: bool) -> None:
    expanded = candidates(catalog=catalog, known=range(ALL_COLUMNS), timeframes=timeframes)
    rows = [_candidate_row(instance) for instance in expanded]
    if json:
        print_json(rows)
        return
    table = make_table(counted(len(rows), "candidate"), "name", "family", "warmup", right={"warmup"})
    for row in rows:
        table.add_row(row.name, row.family, str(row.warmup))
    console.print(table)


def _candidate_row(instance: FeatureInstance) -> CandidateRow:
    return CandidateRow(instance.name, instance.feature.family, instance.warmup)


def describe_feature(feature: Feature) -> FeatureRow:
    """Return a definition with its defaults."""
    default = feature.instance()
    return FeatureRow(
        name=default.stem,
        family=feature.family,
        inputs=tuple(column_name(row) for row in feature.inputs),
        params=tuple(_describe_parameter(parameter) for parameter in feature.parameters),
        outputs=tuple(feature.instance(output=k).name for k in range(len(feature.outputs))),
        warmup=default.warmup,
        units=feature.units,
        source=feature.source,
        pattern=feature.pattern,
        doc=feature.doc,
        origin=feature.origin or BUILT_IN,
    )


def _describe_parameter(parameter: Parameter) -> ParameterRow:
    if isinstance(parameter, Choice):
        members = tuple(member.name.lower() for member in type(parameter.default))
        return ParameterRow(parameter.name, parameter.default.name.lower(), None, None, members, parameter.doc)
    return ParameterRow(parameter.name, parameter.default, parameter.low, parameter.high, (), parameter.doc)


def _shortened(inputs: tuple[str, ...]) -> str:
    """Return all inputs, or the first few of the many levels of an order book."""
    return " ".join(inputs) if len(inputs) <= 8 else f"{' '.join(inputs[:4])} … {inputs[-1]}"
