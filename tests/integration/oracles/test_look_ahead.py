"""Look-ahead: a run on less data makes the same decisions, byte for byte, as far as it goes."""

import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.slices import hours_of

from quaestor.app.run import backtest
from quaestor.brain.alpha.catalog import CATALOG
from quaestor.ledger.codes import Verdict
from quaestor.ledger.rows import DECISION
from quaestor.ports.journal import RecordKind
from quaestor.runtime.config import load_config
from quaestor.runtime.journal.header import read_header

SYMBOL = "ETHUSDT"
RUNS = [(alpha.name, side) for alpha in CATALOG for side in ("long", "both")]


@pytest.fixture(scope="module")
def hours() -> pl.DataFrame:
    """A year."""
    return hours_of(SYMBOL)


@pytest.fixture(scope="module")
def orders_min() -> int:
    """Every run sends more orders than this."""
    return 20


def decide(hours: pl.DataFrame, rows: int, strategy: str, side: str, folder: Path) -> bytes:
    """Return the decisions of a run, under the default risk profile and costs, on a file that holds the first rows
    only."""
    folder.mkdir()
    path = folder / "ETHUSDT_1h_spot.parquet"
    hours.head(rows).write_parquet(path)
    options: dict[str, object] = {
        "data.path": path,
        "data.symbol": SYMBOL,
        "strategy.name": strategy,
        "journal.dir": folder / "journal",
    }
    config = load_config(options=options, settings=(f"side={side}",), environment={}, dotenv=None)
    assert backtest(config).summary.bars == rows
    _, records = read_header(folder / "journal")
    return b"".join(record.payload for record in records if record.kind is RecordKind.DECISIONS)


@pytest.mark.parametrize(("strategy", "side"), RUNS)
def test_truncating_the_data_changes_no_earlier_decision(
    hours: pl.DataFrame, orders_min: int, tmp_path: Path, strategy: str, side: str
) -> None:
    every = len(hours)
    whole = decide(hours, every, strategy, side, tmp_path / "whole")
    decisions = np.frombuffer(whole, DECISION)
    assert len(decisions) == every
    assert (decisions["orders"] > 0).sum() > orders_min
    assert (decisions["verdict"] != Verdict.NONE).any()
    draw = random.Random(f"{strategy} {side}")
    for rows in (draw.randrange(30, 500), *(draw.randrange(500, every) for _ in range(3)), every - 1):
        part = decide(hours, rows, strategy, side, tmp_path / f"first_{rows}")
        assert len(part) == rows * DECISION.itemsize
        assert whole.startswith(part), f"the first {rows} rows alone lead to other decisions"
