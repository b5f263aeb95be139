"""Cross on a real year against a hand-written loop (exactly) and vectorbt (within the rounding of fees to quanta)."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from tests.integration.oracles.by_hand import trade_by_hand
from tests.integration.oracles.market import (
    CAPITAL_QUANTA,
    FEE_DIVISOR,
    MULTIPLIER,
    NOTIONAL_MIN_QUANTA,
    Case,
    Given,
    Outcome,
    Trade,
    give,
)
from tests.integration.oracles.product import outcome_of, run_product
from tests.slices import HOURS, MINUTES

CASES = (
    Case("minutes-long", 50, 200, hourly=False, side="long"),
    Case("minutes-both", 50, 200, hourly=False, side="both"),
    Case("hours-long", 10, 50, hourly=True, side="long"),
    Case("hours-both", 10, 50, hourly=True, side="both"),
)
SCRIPT = Path(__file__).with_name("vectorbt_oracle.py")


def file_of(case: Case) -> Path:
    """A year of hours, or six weeks of minutes."""
    return HOURS if case.hourly else MINUTES


@pytest.fixture(scope="module")
def given() -> dict[str, Given]:
    return {case.name: give(file_of(case), case) for case in CASES}


@pytest.fixture(scope="module")
def vectorbt(given: dict[str, Given], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """Return every case through vectorbt, in one process of its own environment."""
    return run_vectorbt(given, tmp_path_factory.mktemp("vectorbt"))


def run_vectorbt(given: dict[str, Given], folder: Path) -> dict[str, Outcome]:
    """Every case through vectorbt, in one process of its own environment."""
    paths = [folder / f"{name}.npz" for name in given]
    for path, case in zip(paths, given.values(), strict=True):
        np.savez(
            path,
            opens=case.opens,
            closes=case.closes,
            directions=case.directions,
            fee=1.0 / FEE_DIVISOR,
            notional_min=NOTIONAL_MIN_QUANTA / MULTIPLIER,
            capital=CAPITAL_QUANTA / MULTIPLIER,
        )
    done = subprocess.run([vectorbt_python(), str(SCRIPT), *map(str, paths)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    outcomes = json.loads(done.stdout)
    return {name: read_outcome(outcome, given[name]) for name, outcome in zip(given, outcomes, strict=True)}


def vectorbt_python() -> str:
    """Return the interpreter of the environment in which vectorbt is installed."""
    chosen = os.environ.get("QUAESTOR_VECTORBT_PYTHON")
    path = Path(chosen) if chosen else Path(__file__).resolve().parents[3] / ".venv-vectorbt" / "bin" / "python"
    if not path.exists():
        pytest.fail(f"no vectorbt at {path}: `make test` creates it, or set QUAESTOR_VECTORBT_PYTHON")
    return str(path)


def read_outcome(answer: dict[str, list[list[float]] | float], case: Given) -> Outcome:
    """Return the outcome with bars as stamps; what is still open exits at the last close."""
    trades = answer["trades"]
    equity = answer["equity"]
    assert isinstance(trades, list)
    assert isinstance(equity, float)
    last = (int(case.ts[-1]) + case.interval_ns, int(case.closes[-1]))
    found = []
    for entry, leave, side, lots, entry_ticks, exit_ticks in trades:
        out_ts, out_ticks = last if leave < 0 else (int(case.ts[int(leave)]), round(exit_ticks))
        found.append(Trade(int(case.ts[int(entry)]), out_ts, int(side), round(lots), round(entry_ticks), out_ticks))
    return Outcome(found, equity * MULTIPLIER)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_backtest_equals_the_loop_by_hand_and_vectorbt(
    case: Case, given: dict[str, Given], vectorbt: dict[str, Outcome]
) -> None:
    require_same(file_of(case), case, given[case.name], vectorbt[case.name])


def require_same(path: Path, case: Case, given: Given, theirs: Outcome) -> None:
    """The same trades three times; equity exactly by hand, and within the rounding of fees by vectorbt."""
    result = run_product(path, case)
    ours = outcome_of(result)
    by_hand = trade_by_hand(given)

    assert result.summary.bars == len(given.ts)
    assert result.summary.trades == len(ours.trades) > 100
    assert ours.trades == by_hand.trades
    assert ours.equity_quanta == by_hand.equity_quanta

    assert len(theirs.trades) == len(ours.trades)
    assert theirs.trades == ours.trades
    fills = 2 * len(ours.trades)
    assert abs(theirs.equity_quanta - ours.equity_quanta) <= fills  # each fee is rounded up, by less than a quantum
    assert theirs.equity_quanta >= ours.equity_quanta - 1


def test_the_bars_try_what_could_go_wrong(given: dict[str, Given]) -> None:
    """A change of direction at the first close after an outage, and entries that a higher open clips to the cash."""
    case = given["minutes-both"]
    crossed = np.flatnonzero(np.diff(case.directions) != 0.0) + 1
    after_outage = np.flatnonzero(np.diff(case.ts) > 60 * case.interval_ns) + 1
    assert np.isin(after_outage, crossed).any()
    assert (case.opens[crossed[:-1] + 1] > case.closes[crossed[:-1]]).any()
