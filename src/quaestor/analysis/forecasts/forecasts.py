"""Forecast evaluation: opinions of a run against outcomes that were not known when they were given."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.analysis.forecasts.labels import Barrier
from quaestor.analysis.forecasts.opinions import Opinions
from quaestor.analysis.forecasts.samples import VOLATILITY, Dataset, label_rows
from quaestor.analysis.forecasts.scores import Scores, score
from quaestor.analysis.forecasts.skill import Skill, score_forecasts
from quaestor.brain.online.drift_response import ALARM_NAMES, Level
from quaestor.brain.trained.outputs import Output
from quaestor.domain.bars import Bars
from quaestor.errors import DataError
from quaestor.features.plan import compute, make_plan
from quaestor.ledger.codes import Abstention, Regime

#: Name of the pooled probability beside those of the models.
POOLED = "pooled"


@dataclass(frozen=True, slots=True, eq=False)
class SettledOpinions:
    """Opinions of one instrument with their known outcomes: column k of one is sample k of the other."""

    opinions: Opinions
    outcomes: Dataset


@dataclass(frozen=True, slots=True)
class Forecast:
    """Skill of one model's probabilities over some bars."""

    model: str
    symbol: str  # empty: all of them
    regime: str  # empty: any
    base_brier: float  # of always giving the realised frequency: known afterwards only
    skill: Skill


@dataclass(frozen=True, slots=True)
class Share:
    """Count of an outcome and its share of the bars."""

    name: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Conduct:
    """Decisions, abstentions, regimes and drift, counted over the bars of all instruments."""

    bars: int
    abstentions: tuple[Share, ...]  # by reason; `none` are the bars with a decision
    regimes: tuple[Share, ...]
    alarms: tuple[Share, ...]  # of drift, by detector
    escalations: int
    de_escalations: int
    bars_by_level: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Weight:
    """Mean share of a model in the pool over a month."""

    month: str
    model: str
    share: float


def outcomes_of(opinions: Opinions, bars: Bars, barrier: Barrier) -> SettledOpinions:
    """Label the bars that opinions are of; bars whose outcome lies beyond the last bar given are left out."""
    plan = make_plan([VOLATILITY], interval_ns=bars.interval_ns)
    volatility = compute(plan, bars.columns, ts=bars.ts)[0]
    labelled = label_rows(bars.columns, np.empty((0, len(bars))), volatility, barrier)
    at = np.searchsorted(opinions.ts, bars.ts[labelled.rows])
    inside = (at < len(opinions.ts)) & (opinions.ts[np.minimum(at, len(opinions.ts) - 1)] == bars.ts[labelled.rows])
    return SettledOpinions(opinions.take(at[inside]), labelled.take(inside))


def forecasts_of(settled: Sequence[SettledOpinions]) -> tuple[Forecast, ...]:
    """Return the skill of every model and of the pool: over everything, by symbol, and by regime."""
    found = [_forecast(model, settled, "", "") for model in (POOLED, *settled[0].opinions.models)]
    if len(settled) > 1:
        found += [_forecast(POOLED, [each], each.opinions.symbol, "") for each in settled]
    for regime in Regime:
        here = [_where(each, each.opinions.regimes == regime) for each in settled]
        if any(len(each.outcomes) for each in here):
            name = regime.name.lower()
            found += [_forecast(model, here, "", name) for model in (POOLED, *settled[0].opinions.models)]
    return tuple(found)


def scores_of(settled: SettledOpinions) -> Scores | None:
    """Return the four scores of the pooled forecasts; None without any."""
    there = np.isfinite(settled.opinions.score)
    try:
        return score(settled.opinions.score[there] > 0.5, settled.outcomes.up[there])
    except DataError:
        return None


def conduct_of(opinions: Sequence[Opinions]) -> Conduct:
    """Count decisions, reasons to abstain, regimes, and alarms and levels of drift."""
    bars = sum(len(each.ts) for each in opinions)
    reasons = Counter(int(code) for each in opinions for code in each.row(Output.REASON))
    regimes = Counter(int(code) for each in opinions for code in each.regimes)
    levels = Counter(int(code) for each in opinions for code in each.row(Output.LEVEL))
    steps = np.concatenate([np.diff(each.row(Output.LEVEL)) for each in opinions])
    alarms = np.concatenate([each.row(Output.ALARMS) for each in opinions])
    return Conduct(
        bars=bars,
        abstentions=_shares(reasons, Abstention, bars),
        regimes=_shares(regimes, Regime, bars),
        alarms=tuple(
            Share(name, count := int(np.count_nonzero(alarms & (1 << bit))), count / max(bars, 1))
            for bit, name in enumerate(ALARM_NAMES)
        ),
        escalations=int(steps[steps > 0].sum()),
        de_escalations=-int(steps[steps < 0].sum()),
        bars_by_level=_shares(levels, Level, bars),
    )


def weights_of(opinions: Sequence[Opinions]) -> tuple[Weight, ...]:
    """Return the mean shares of the models by month, over the bars with an opinion."""
    ts = np.concatenate([each.ts for each in opinions])
    weight = np.concatenate([each.weight for each in opinions], axis=1)
    there = np.isfinite(np.concatenate([each.score for each in opinions]))
    months = ts.astype("datetime64[ns]").astype("datetime64[M]")
    return tuple(
        Weight(str(month), model, float(np.mean(weight[j, there & (months == month)])))
        for month in np.unique(months[there])
        for j, model in enumerate(opinions[0].models)
    )


def _forecast(model: str, settled: Sequence[SettledOpinions], symbol: str, regime: str) -> Forecast:
    probability = np.concatenate([_probability(each.opinions, model) for each in settled])
    outcomes = _join([each.outcomes for each in settled])
    skill = score_forecasts(probability, outcomes)
    return Forecast(model, symbol, regime, skill.base_rate * (1.0 - skill.base_rate), skill)


def _probability(opinions: Opinions, model: str) -> NDArray[np.float64]:
    return opinions.score if model == POOLED else opinions.probability[opinions.models.index(model)]


def _where(settled: SettledOpinions, rows: NDArray[np.bool_]) -> SettledOpinions:
    return SettledOpinions(settled.opinions.take(rows), settled.outcomes.take(rows))


def _join(parts: Sequence[Dataset]) -> Dataset:
    """Return the samples of several instruments, one after another."""
    columns = ("rows", "ends", "up", "change", "width", "own")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in columns}
    return Dataset(x=np.concatenate([part.x for part in parts], axis=1), **joined)


def _shares(
    counts: Counter[int],
    codes: Callable[[int], Abstention] | Callable[[int], Regime] | Callable[[int], Level],
    bars: int,
) -> tuple[Share, ...]:
    return tuple(Share(codes(code).name.lower(), count, count / max(bars, 1)) for code, count in sorted(counts.items()))
