"""Trained opinion: one decision of a trained model, from the journaled outputs and the artefact that decided."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from quaestor.brain.ensemble.curve import curve_at
from quaestor.brain.ensemble.signal_filter import threshold
from quaestor.brain.online.drift_response import Level, alarm_names
from quaestor.brain.trained.settings import TradingSettings
from quaestor.domain.artefact import Artefact
from quaestor.errors import ConfigError
from quaestor.explain.votes import Part, Vote, pooled_parts, votes_of
from quaestor.ledger.codes import Abstention


@dataclass(frozen=True, slots=True)
class DecidingModel:
    """Artefact that made a decision."""

    sha256: str
    trained_from: int  # ns UTC
    trained_through: int
    since: int | None  # when it came into use, ns UTC; None from the beginning of the run
    why: str  # reason for which it did; empty at the beginning


@dataclass(frozen=True, slots=True)
class Bar:
    """Thresholds of an opinion before it becomes a position; see `brain.ensemble.signal_filter`."""

    required: float | None  # edge, as a fraction of the notional: `margin` · cost + `sigmas` · its standard error
    margin: float
    sigmas: float
    noise_max: float
    confidence_min: float  # in this regime
    frames_min: int
    volume_min: float


@dataclass(frozen=True, slots=True)
class TrainedOpinion:
    """Everything between the features and the signal. Fractions are plain; None where there was no opinion.

    Attributes:
        posterior: probability of the regime.
        score: pooled probability of *up*.
        noise: share of the weight on the other side of ½.
        favours: ``long`` or ``short``: what the edge is of; empty without an opinion.
        edge, edge_error, cost, net_edge: as fractions of the notional; `net_edge` is edge less cost.
        bar: thresholds that it has to pass.
        reason: name of the `Abstention`; ``none`` where it takes a position.
        missing: features that are not defined yet.
        level, alarms: of the drift response.
        horizon: bars that a decision is held.
        base, parts: how the pooled probability comes about, see `votes.pooled_parts`; None and empty where unknown.
        unexplained: why contributions are missing, and how to get them; empty where they are there.
    """

    posterior: float
    votes: list[Vote]
    score: float | None
    noise: float | None
    favours: str
    edge: float | None
    edge_error: float | None
    cost: float | None
    net_edge: float | None
    bar: Bar
    reason: str
    missing: list[str]
    level: str
    alarms: list[str]
    horizon: int
    model: DecidingModel
    base: float | None
    parts: list[Part]
    unexplained: str


def read_opinion(
    journaled: Mapping[str, float],
    regime: int,
    values: Mapping[str, float],
    artefact: Artefact,
    model: DecidingModel,
    trading: TradingSettings,
) -> TrainedOpinion:
    """Return the opinion of a trained model by name and unit.

    Args:
        journaled: the opinion, by name.
        regime: code of the decision's regime.
        values: features in their own units, by name.
        artefact: that decided; `model`: its origin.
        trading: settings of the thresholds.
    """
    is_there = journaled["score"] == journaled["score"]
    votes, unexplained = _votes(artefact, journaled, is_there=is_there)
    base, parts = pooled_parts(votes, values, journaled) if is_there and not unexplained else (None, [])
    gain = curve_at(artefact.tables["learned"][0]["edge"], journaled["score"])[0]
    return TrainedOpinion(
        posterior=journaled["posterior"],
        votes=votes,
        score=_known(journaled["score"]),
        noise=_known(journaled["noise"]),
        favours="" if not is_there else "long" if gain >= 0.0 else "short",
        edge=_known(journaled["edge"]),
        edge_error=_known(journaled["edge_error"]),
        cost=_known(journaled["cost"]),
        net_edge=_known(journaled["net_edge"]),
        bar=_bar(trading, journaled, regime),
        reason=Abstention(int(journaled["reason"])).name.lower(),
        missing=[name for name in artefact.manifest.features if not np.isfinite(journaled[f"scaled.{name}"])],
        level=Level(int(journaled["level"])).name.lower(),
        alarms=list(alarm_names(int(journaled["alarms"]))),
        horizon=artefact.manifest.barrier.rows,
        model=model,
        base=base,
        parts=parts,
        unexplained=unexplained,
    )


def _votes(artefact: Artefact, journaled: Mapping[str, float], *, is_there: bool) -> tuple[list[Vote], str]:
    """Return votes with contributions; without them and with the reason where they cannot be computed."""
    try:
        return votes_of(artefact, journaled, explained=is_there), ""
    except ConfigError as error:
        return votes_of(artefact, journaled, explained=False), str(error)


def _bar(trading: TradingSettings, journaled: Mapping[str, float], regime: int) -> Bar:
    rules = trading.pack()[0]["filter"]
    return Bar(
        required=_known(trading.margin * journaled["cost"] + trading.sigmas * journaled["edge_error"]),
        margin=trading.margin,
        sigmas=trading.sigmas,
        noise_max=trading.noise_max,
        confidence_min=float(threshold(rules, regime, journaled["posterior"])),
        frames_min=trading.frames_min,
        volume_min=trading.volume_min,
    )


def _known(value: float) -> float | None:
    return value if value == value else None
