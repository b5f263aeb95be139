"""The session of US equities beside recorded minutes of one."""

from pathlib import Path

import pandas as pd
import polars as pl
from tests.recorded.files import EQUITY_MINUTES
from tests.unit.features.test_time import of_stamps


def test_real_minutes_of_ibm_fill_the_session(shared_data: Path) -> None:
    frame = pl.read_parquet(shared_data / EQUITY_MINUTES).filter(pl.col("symbol") == "IBM")
    stamps = pd.DatetimeIndex(frame["ts"].to_numpy(), tz="UTC")
    opened = of_stamps(["us_session.open"], stamps)["us_session.open"]
    per_day = pd.Series(opened).groupby(stamps.date).sum()
    assert len(per_day[per_day > 0]) == 6
    assert per_day[per_day > 0].between(389, 390).all()
