"""The rule of the spread on recorded quotes of an equity."""

from pathlib import Path

import polars as pl
from tests.integration.test_risk_rules import quote_events, require_vetoes_of_wide_spreads
from tests.recorded.files import EQUITY_QUOTES
from tests.slices import BARS


def test_a_blown_out_spread_vetoes_while_it_lasts(shared_data: Path) -> None:
    """Minutes of SPY, hours before and after the session among them, where the book is thin."""
    quotes = pl.read_parquet(shared_data / EQUITY_QUOTES).filter(pl.col("symbol") == "SPY").sort("ts")
    middles = [(50.0 * (pl.col(f"bid_{name}") + pl.col(f"ask_{name}"))).alias(name) for name in BARS[:4]]
    spread = (100.0 * (pl.col("ask_close") - pl.col("bid_close"))).alias("spread")
    require_vetoes_of_wide_spreads(quote_events(quotes.select("ts", *middles, spread)))
