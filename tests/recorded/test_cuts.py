"""The cuts in ``tests/data`` hold what their script takes from the recordings."""

from pathlib import Path

import polars as pl
import pytest
from tests.data import make_cuts
from tests.slices import DATA


def test_cuts_are_made_of_the_recordings(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = sorted(DATA.glob("*.parquet"))
    assert sum(path.stat().st_size for path in kept) < 6_000_000
    monkeypatch.setattr(make_cuts, "HERE", tmp_path)
    make_cuts.main(shared_data)
    assert sorted(path.name for path in tmp_path.iterdir()) == [path.name for path in kept]
    for path in kept:
        assert pl.read_parquet(tmp_path / path.name).equals(pl.read_parquet(path)), path.name
