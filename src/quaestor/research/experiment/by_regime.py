"""Regime figures: trades by the regime at entry, the market in each regime, and how regimes followed one another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from quaestor.analysis.forecasts.opinions import Opinions
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import Column
from quaestor.ledger.codes import Regime
from quaestor.research.experiment.money import TrackRecord


@dataclass(frozen=True, slots=True)
class RegimeMoney:
    """Trades of one strategy in one regime; money in the settlement asset, net of fees."""

    regime: str
    strategy: str
    trades: int
    pnl: float
    win_rate: float | None


@dataclass(frozen=True, slots=True)
class RegimeMarket:
    """Growth of holding in the bars that followed a regime, before costs."""

    regime: str
    share: float  # of bars
    growth: float  # mean over the instruments: product of the bars' returns, less 1


@dataclass(frozen=True, slots=True)
class RegimeWalk:
    """Sequence of the regimes that decisions used, hysteresis included; instruments counted together.

    Attributes:
        regimes: those that occurred, in the order of `Regime`.
        spells: of each, runs of bars in a row; those that the period's ends cut off count as they are.
        bars: of each, mean length of a spell.
        transition: to what share of the bars of a regime (row) each regime (column) followed.
    """

    regimes: tuple[str, ...]
    spells: tuple[int, ...]
    bars: tuple[float, ...]
    transition: tuple[tuple[float, ...], ...]

    def bars_in_a_row(self, regime: str) -> float:
        """Return the mean length of a spell of a regime that occurred."""
        return self.bars[self.regimes.index(regime)]


def walk_of(opinions: Sequence[Opinions]) -> RegimeWalk:
    """Count spells and transitions of the regimes of a period."""
    pairs = np.zeros((len(Regime), len(Regime)), np.int64)
    rows, spells = np.zeros(len(Regime), np.int64), np.zeros(len(Regime), np.int64)
    for each in opinions:
        named = each.regimes.astype(np.int64)
        np.add.at(pairs, (named[:-1], named[1:]), 1)
        begins = np.flatnonzero(np.diff(named, prepend=-1))
        rows += np.bincount(named, minlength=len(Regime))
        spells += np.bincount(named[begins], minlength=len(Regime))
    there = np.flatnonzero(rows)
    counts = pairs[np.ix_(there, there)]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return RegimeWalk(
        tuple(Regime(int(code)).name.lower() for code in there),
        tuple(spells[there].tolist()),
        tuple((rows[there] / spells[there]).tolist()),
        tuple(tuple(row) for row in shares.tolist()),
    )


def money_by_regime(
    records: Sequence[TrackRecord], opinions: Sequence[Opinions], interval_ns: int
) -> tuple[RegimeMoney, ...]:
    """Return the trades of each strategy by the regime that the trained strategy named when they were entered."""
    found = []
    for record in records:
        regimes = _entered(record.trades, opinions, interval_ns)
        pnl = record.trades["pnl"].to_numpy()
        for regime in Regime:
            own = pnl[regimes == regime]
            if len(own):
                wins = float(np.mean(own > 0.0))
                found.append(RegimeMoney(regime.name.lower(), record.name, len(own), float(own.sum()), wins))
    return tuple(found)


def market_by_regime(bars: Sequence[Bars], opinions: Sequence[Opinions]) -> tuple[RegimeMarket, ...]:
    """Return the growth of the market in each regime; `bars` and `opinions` of the same instruments."""
    total = sum(len(each.ts) for each in opinions)
    found = []
    for regime in Regime:
        rows = sum(int(np.count_nonzero(each.regimes == regime)) for each in opinions)
        if not rows:
            continue
        growths = [_growth(each, own, regime) for each, own in zip(bars, opinions, strict=True)]
        found.append(RegimeMarket(regime.name.lower(), rows / total, float(np.mean(growths))))
    return tuple(found)


def _entered(trades: pl.DataFrame, opinions: Sequence[Opinions], interval_ns: int) -> NDArray[np.int64]:
    """Return the regime at the last bar closed when each trade was entered; −1 before the first."""
    regimes = np.full(len(trades), -1, np.int64)
    entries, symbols = trades["entry_ts"].to_numpy(), trades["symbol"].to_numpy()
    for each in opinions:
        own = np.flatnonzero(symbols == each.symbol)
        at = np.searchsorted(each.ts + interval_ns, entries[own], side="right") - 1
        known = at >= 0
        regimes[own[known]] = each.regimes[at[known]]
    return regimes


def _growth(bars: Bars, opinions: Opinions, regime: Regime) -> float:
    closes = bars.column(Column.CLOSE)
    rows = np.searchsorted(bars.ts, opinions.ts[opinions.regimes == regime])
    rows = rows[rows + 1 < len(closes)]
    return float(np.exp(np.sum(np.log(closes[rows + 1] / closes[rows]))) - 1.0)
