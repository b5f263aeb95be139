"""Training artefact: tables of numbers and a manifest of their origin, without code or pickle."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from quaestor.jit.tables import Table

FORMAT = 1


class BarrierSpec(msgspec.Struct, frozen=True):
    """Label on which the models were trained; see `analysis.forecasts.labels.Barrier`."""

    profit: float
    stop: float
    rows: int
    cost: float


class Manifest(msgspec.Struct, frozen=True):
    """Origin of an artefact and meaning of its tables."""

    format: int
    symbol: str
    market: str
    interval_ns: int
    features: tuple[str, ...]  # inputs of the models, canonical names, in order
    regime_features: tuple[str, ...]  # inputs of the regime filter
    models: tuple[str, ...]  # names, in the order of the tables' rows
    alphas: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]  # classical members: name and settings
    barrier: BarrierSpec
    seed: int
    trained_from: int  # open time of the first bar, ns UTC
    trained_through: int  # open time of the last bar that any label depends on, ns UTC
    data_sha256: str  # of the training bars
    features_sha256: str  # of the feature definitions, by name
    code_sha256: str  # of the package's sources
    environment: str  # fingerprint of library versions
    settings: str  # training settings as JSON
    trials: int  # configurations that were tried before this one was chosen, itself included
    scores: Mapping[str, float]  # out-of-fold figures, by name


@dataclass(frozen=True, slots=True, eq=False)
class Artefact:
    """Manifest and structured tables by name (`learned`, `models`, `nodes`, `regime`)."""

    manifest: Manifest
    tables: Mapping[str, Table]
