"""Counterfactual of refusals: hand-worked episodes, and the same result as a run without the rule."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from tests.builders import MINUTE, Bar, bars_to_events, engine, engine_settings, instrument

from quaestor.analysis.counterfactual import Refusals, RuleOutcome
from quaestor.domain.instrument import Instrument
from quaestor.engine.engine import Engine
from quaestor.engine.settings import CostSettings
from quaestor.errors import InvariantError
from quaestor.ledger.codes import Command, ContractKind, EventKind, Quality
from quaestor.ledger.rows import EVENT

#: 1 % of the price against us on every taker fill.
SLIPPAGE = CostSettings(Decimal(100), Decimal(0), 0, None)


def run(
    bars: Sequence[Bar],
    limits: Mapping[str, float],
    *traded: Instrument,
    costs: CostSettings | None = None,
    batch: int = 1000,
    **changes: Any,
) -> tuple[Engine, list[RuleOutcome]]:
    """Return the engine after the bars, and the outcomes of its refusals."""
    several = traded or (instrument(),)
    settings = engine_settings(limits=limits, costs=costs, **changes)
    target = engine(several, settings)
    names = [f"{item.symbol}{k}" for k, item in enumerate(several)]
    refusals = Refusals(names, several, target.instruments, target.params)
    events = bars_to_events(bars)
    for start in range(0, len(events), batch):
        target.run(events, start, min(start + batch, len(events)), refusals.observe)
    return target, refusals.outcomes()


def at(price: int, signal: float = 1.0, **changes: Any) -> Bar:
    """Return a bar that never moves from its price, with volume for any order."""
    return Bar(price, price, price, price, signal=signal, **changes)


def test_without_refusals_there_are_no_outcomes() -> None:
    assert run([at(100), at(110), at(120, 0.0), at(120)], {})[1] == []


def test_a_shrunk_entry_is_followed_until_the_signal_leaves() -> None:
    # wanted 100 lots at 100, 10 % of 10,000 is 10: 90 rejected from the open at 110 to the open at 150
    bars = [at(100), at(110), at(130), at(140, 0.0), at(150, 0.0), at(10, 0.0)]
    _, (outcome,) = run(bars, {"position_pct": 10.0})
    assert (outcome.symbol, outcome.rule, outcome.layer) == ("TEST0", "position_size", "position")
    assert (outcome.vetoes, outcome.shrinks, outcome.episodes, outcome.unsettled) == (0, 1, 1, 0)
    assert outcome.notional == 90 * 100
    assert (outcome.saved, outcome.cost, outcome.net, outcome.right) == (0.0, 90 * 40, -90 * 40, 0.0)


def test_a_refused_losing_short_counts_as_saved() -> None:
    perpetual = instrument(ContractKind.LINEAR)
    bars = [at(100, -1.0), at(100, -1.0), at(104, 0.0), at(104, 0.0)]
    _, (outcome,) = run(bars, {"position_pct": 10.0}, perpetual)
    assert (outcome.saved, outcome.cost, outcome.net, outcome.right) == (90 * 4, 0.0, 90 * 4, 1.0)


def test_fees_and_slippage_are_paid_at_both_ends() -> None:
    paying = instrument(taker_fee=Decimal("0.01"))
    # 10,000 / 1.01 / 1000 = 9 lots wanted, one approved: 8 bought at 1010, sold at 990, 1 % of each as a fee
    bars = [at(1000), at(1000), at(1000, 0.0), at(1000, 0.0)]
    _, (outcome,) = run(bars, {"position_pct": 10.0}, paying, costs=SLIPPAGE)
    assert outcome.saved == pytest.approx(8 * 20 + 8 * 10.10 + 8 * 9.90)


def test_a_standing_veto_is_one_episode_and_another_direction_begins_another() -> None:
    perpetual = instrument(ContractKind.LINEAR)
    up = [at(100), at(101), at(102)]
    down = [at(103, -1.0), at(104, -1.0), at(105, 0.0), at(105, 0.0)]
    # nothing may be held at all: 100 long from 101 to 104, then 97 short from 104 to 105
    _, (outcome,) = run([*up, *down], {"position_pct": 0.001}, perpetual)
    assert (outcome.vetoes, outcome.shrinks, outcome.episodes) == (5, 0, 2)
    assert (outcome.cost, outcome.saved, outcome.right) == (100 * 3, 97 * 1, 0.5)
    assert outcome.notional == 100 * 100 + 97 * 103


def test_lots_let_through_later_leave_at_the_entrys_price() -> None:
    # the third bar is the first that the account may trade in: data came after a hole
    late = {"ts": 1_699_833_600_000_000_000 + 60 * MINUTE}
    bars = [at(100, 0.0), at(100, **late), at(105), at(110), at(120), at(130), at(140)]
    limits = {"stale_recovery_bars": 3.0}
    _, (outcome,) = run(bars, limits, costs=SLIPPAGE)
    assert (outcome.rule, outcome.episodes, outcome.vetoes) == ("emergency", 1, 3)
    # 100 lots from 105·1.01, rounded up, to what the entry at 130 paid: no round trip of costs
    assert outcome.cost == 100 * (132 - 107)


def test_another_rule_takes_over_at_the_same_price() -> None:
    late = {"ts": 1_699_833_600_000_000_000 + 60 * MINUTE}
    bars = [at(100, 0.0), at(100, **late), at(105), at(110), at(120), at(130), at(140, 0.0), at(150, 0.0)]
    _, outcomes = run(bars, {"stale_recovery_bars": 3.0, "position_pct": 10.0})
    # the hole: 100 lots from 105 to 130; then 8 of 83 are let in, and 75 are rejected from 130 to 150
    assert [
        (outcome.rule, outcome.episodes, outcome.vetoes, outcome.shrinks, outcome.cost) for outcome in outcomes
    ] == [
        ("position_size", 1, 0, 1, 75 * 20.0),
        ("emergency", 1, 3, 0, 100 * 25.0),
    ]


def test_a_stop_ends_the_rejected_position_but_not_the_episode() -> None:
    falling = Bar(100, 100, 85, 90, signal=1.0)
    bars = [at(100), at(100), falling, at(200), at(300, 0.0), at(300, 0.0)]
    _, (outcome,) = run(bars, {"position_pct": 0.001, "stop_loss_pct": 10.0})
    assert (outcome.episodes, outcome.saved, outcome.cost) == (1, 100 * 10, 0.0)
    gap = Bar(80, 80, 80, 80, signal=1.0)
    _, (outcome,) = run([at(100), at(100), gap, at(90, 0.0)], {"position_pct": 0.001, "stop_loss_pct": 10.0})
    assert outcome.saved == 100 * 20


def test_a_target_and_a_trailing_stop_end_the_rejected_position() -> None:
    rising = Bar(100, 130, 99, 120, signal=1.0)
    bars = [at(100), at(100), rising, at(200), at(200, 0.0), at(200, 0.0)]
    _, (outcome,) = run(bars, {"position_pct": 0.001, "take_profit_pct": 20.0})
    assert outcome.cost == 100 * 20
    bars = [at(100), at(100), at(150), Bar(150, 150, 100, 110, signal=1.0), at(200), at(200, 0.0), at(200, 0.0)]
    _, (outcome,) = run(bars, {"position_pct": 0.001, "trailing_pct": 10.0})
    assert outcome.cost == 100 * 35


def test_a_market_exit_ends_the_rejected_position_at_the_next_open() -> None:
    bars = [at(100), at(100), at(105), at(110), at(120), at(500), at(500, 0.0), at(500, 0.0)]
    _, (outcome,) = run(bars, {"position_pct": 0.001, "time_stop_bars": 2.0})
    assert (outcome.episodes, outcome.unsettled) == (1, 0)
    assert outcome.cost == 100 * 10  # filled in the second bar, due at the close of the third, out at 110


def test_funding_and_liquidation_are_those_of_the_ledger() -> None:
    perpetual = instrument(ContractKind.LINEAR)
    bars = [at(100), at(100), at(100, funding=0.01), at(100, 0.0), at(100, 0.0)]
    _, (outcome,) = run(bars, {"position_pct": 0.001}, perpetual)
    assert outcome.saved == 100 * 1
    crash = Bar(100, 100, 40, 120, signal=1.0)
    bars = [at(100), at(100), crash, at(200), at(200, 0.0), at(200, 0.0)]
    _, (outcome,) = run(bars, {"position_pct": 0.001}, perpetual, leverage=2)
    assert (outcome.saved, outcome.cost) == (100 * 50, 0.0)


def test_an_open_episode_counts_at_the_last_close() -> None:
    _, (outcome,) = run([at(100), at(100), at(103)], {"position_pct": 0.001})
    assert (outcome.cost, outcome.unsettled) == (300.0, 1)
    _, (outcome,) = run([at(100)], {"position_pct": 0.001})
    assert (outcome.cost, outcome.saved, outcome.unsettled, outcome.right) == (0.0, 0.0, 1, 0.0)


def test_a_quarantined_bar_is_skipped() -> None:
    broken = Bar(0, 0, 0, 0, flags=int(Quality.IMPOSSIBLE_OHLC))
    bars = [at(100), broken, at(110), broken, at(120, 0.0), broken, at(125, 0.0)]
    _, (outcome,) = run(bars, {"position_pct": 0.001})
    assert (outcome.episodes, outcome.cost) == (1, 100 * 15)


def test_latency_of_whole_bars_moves_both_ends() -> None:
    slow = CostSettings(Decimal(0), Decimal(0), 60_000, None)
    bars = [at(100), at(110), at(120), at(130, 0.0), at(140, 0.0), at(150, 0.0)]
    _, (outcome,) = run(bars, {"position_pct": 0.001}, costs=slow)
    assert outcome.cost == 100 * 30


def test_lots_closed_by_the_officer_begin_with_that_sale() -> None:
    paying = instrument(taker_fee=Decimal("0.01"))
    # 99 lots bought at 100; equity falls beyond 15 %: sold at 80, which a recovery to 95 makes a loss of 15 each,
    # less the fee of the later sale and more that of the earlier one
    bars = [at(100), at(100), at(80), at(80), at(95, 0.0), at(95, 0.0)]
    _, (outcome,) = run(bars, {"drawdown_pct": 15.0}, paying)
    assert outcome.rule == "drawdown"
    assert outcome.cost == pytest.approx(99 * 15 - 99 * 0.95 + 99 * 0.80)


def test_instruments_are_followed_apart() -> None:
    first, second = instrument(symbol="A"), instrument(symbol="B")
    bars = []
    for k, (one, two) in enumerate([(100, 200), (100, 200), (110, 190), (110, 190)]):
        signal = 1.0 if k < 2 else 0.0
        ts = 1_699_833_600_000_000_000 + k * MINUTE
        bars += [at(one, signal, ts=ts, instrument=0), at(two, signal, ts=ts, instrument=1)]
    _, outcomes = run(bars, {"position_pct": 0.001}, first, second)
    assert [(outcome.symbol, outcome.saved, outcome.cost) for outcome in outcomes] == [
        ("A0", 0.0, 1000.0),
        ("B1", 500.0, 0.0),
    ]


@pytest.mark.parametrize("seed", range(8))
def test_the_outcome_equals_the_gain_of_a_run_without_the_rule(seed: int) -> None:
    """One entry, shrunk: the same bars without the limit end with the same money less what was rejected."""
    rng = np.random.default_rng(seed)
    closes = 1000 + np.cumsum(rng.integers(-12, 13, 60))
    side = 1.0 if seed % 2 else -1.0
    bars = []
    for k, close in enumerate(closes.tolist()):
        opened = int(closes[max(k - 1, 0)]) + int(rng.integers(-2, 3))
        high, low = max(opened, close) + int(rng.integers(0, 6)), min(opened, close) - int(rng.integers(0, 6))
        funding = 0.0003 if k % 16 == 0 else 0.0
        bars.append(Bar(opened, high, low, close, signal=side if k < 50 else 0.0, atr=12.0, funding=funding))
    perpetual = instrument(ContractKind.LINEAR, taker_fee=Decimal("0.0005"), maker_fee=Decimal("0.0002"))
    exits = {"stop_loss_pct": 4.0, "take_profit_pct": 3.0, "trailing_pct": 5.0, "chandelier_multiple": 4.0}
    if seed > 5:
        exits = {"time_stop_bars": 9.0, "reversal_strength": 0.5}
    costs = CostSettings(Decimal(2), Decimal(1), 250, None)
    kept, (outcome,) = run(bars, {"position_pct": 30.0, **exits}, perpetual, costs=costs, batch=7)
    free, none = run(bars, exits, perpetual, costs=costs)
    assert (none, outcome.episodes, outcome.unsettled) == ([], 1, 0)
    difference = (free.equity_quanta - kept.equity_quanta) / 100
    assert -outcome.net == pytest.approx(difference, abs=0.05)  # two fees are rounded up instead of one
    assert abs(difference) > 1.0


def test_commands_between_bars_are_no_decisions() -> None:
    target = engine(instrument(), engine_settings(limits={"position_pct": 0.001}))
    refusals = Refusals(["TEST"], [instrument()], target.instruments, target.params)
    events = np.zeros(3, EVENT)
    events[[0, 2]] = bars_to_events([at(100), at(110)])
    events[1]["kind"], events[1]["code"] = EventKind.COMMAND, Command.PAUSE
    events[1]["ts"] = events[0]["ts"]
    target.run(events, 0, 3, refusals.observe)
    assert {outcome.rule: outcome.vetoes for outcome in refusals.outcomes()} == {"position_size": 1, "emergency": 1}


def test_decisions_without_their_bars_are_refused() -> None:
    target = engine(instrument())
    refusals = Refusals(["TEST"], [instrument()], target.instruments, target.params)
    assert target.advance(bars_to_events([at(100)]), 0, 1) == 1
    with pytest.raises(InvariantError, match="without their bars"):
        refusals.observe(target.drain())


def test_batch_sizes_do_not_matter() -> None:
    rng = np.random.default_rng(3)
    prices = (1000 + np.cumsum(rng.integers(-9, 10, 300))).tolist()
    signals = np.repeat(rng.integers(-1, 2, 30), 10).tolist()
    bars = [at(price, float(signal)) for price, signal in zip(prices, signals, strict=True)]
    limits = {"position_pct": 10.0, "losses_max": 2.0, "trades_per_day_max": 9.0}
    outcomes = [run(bars, limits, instrument(ContractKind.LINEAR), batch=batch)[1] for batch in (1, 13, 1000)]
    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert len({outcome.rule for outcome in outcomes[0]}) > 1
