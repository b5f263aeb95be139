"""The bundled sample: what its README says."""

import pytest

from quaestor.adapters.sources.files.bars import load_bars
from quaestor.adapters.sources.files.gate import check_file
from quaestor.adapters.sources.files.source_file import open_source
from quaestor.errors import UnknownNameError
from quaestor.sample import SAMPLES, sample_path

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")


def test_the_sample_is_small_and_complete() -> None:
    assert sum(sample_path(name).stat().st_size for name in SAMPLES) < 6_000_000
    for name, rows in (("spot_1m", 44_640), ("spot_1h", 8_783)):
        checks = check_file(open_source(sample_path(name)))
        assert [check.symbol for check in checks] == list(SYMBOLS)
        assert {check.report.rows for check in checks} == {rows}
        assert {check.market for check in checks} == {"spot"}
        assert {check.report.quarantined for check in checks} == {0}
    assert sample_path("spot_1m_2024-01.parquet") == sample_path("spot_1m")


def test_the_hours_of_the_sample_contain_its_minutes() -> None:
    hours = load_bars(sample_path("spot_1h"), "ETHUSDT", start="2024-01-01", end="2024-02-01")
    built = load_bars(sample_path("spot_1m"), "ETHUSDT", timeframe="1h")
    assert built.columns.tobytes() == hours.columns.tobytes()


def test_an_unknown_sample_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown sample"):
        sample_path("perp_1m")
