"""The bundled sample: what its README says."""

from pathlib import Path

import pytest
from tests.command_line import refusal

from quaestor.adapters.sources.files.bars import load_bars
from quaestor.adapters.sources.files.gate import check_file
from quaestor.adapters.sources.files.source_file import open_source
from quaestor.errors import ConfigError
from quaestor.runtime.config import load_config
from quaestor.sample import SAMPLES, sample_path

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")


def test_the_sample_is_small_and_complete() -> None:
    assert sum(sample_path(name).stat().st_size for name in SAMPLES) < 6_000_000
    for name, rows in (("1m", 44_640), ("1h", 8_783)):
        checks = check_file(open_source(sample_path(name)))
        assert [check.symbol for check in checks] == list(SYMBOLS)
        assert {check.report.rows for check in checks} == {rows}
        assert {check.market for check in checks} == {"spot"}
        assert {check.report.quarantined for check in checks} == {0}


def test_the_hours_of_the_sample_contain_its_minutes() -> None:
    hours = load_bars(sample_path("1h"), "ETHUSDT", start="2024-01-01", end="2024-02-01")
    built = load_bars(sample_path("1m"), "ETHUSDT", timeframe="1h")
    assert built.columns.tobytes() == hours.columns.tobytes()


def test_an_unknown_sample_is_refused() -> None:
    with pytest.raises(ConfigError, match="no such sample"):
        sample_path("5m")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_opened_by_its_name(name: str) -> None:
    source = open_source(Path(f"sample:{name}"))
    assert (source.path, source.market_of("BTCUSDT")[0]) == (sample_path(name), "spot")


def test_a_configuration_holds_the_real_file_of_a_sample() -> None:
    config = load_config(options={"data.path": "sample:1h"}, environment={}, dotenv=None)
    assert config.data.path == sample_path("1h")


@pytest.mark.parametrize(
    "command", ["backtest --data sample:5m", "data check sample:5m", "features fit garch --data sample:5m"]
)
def test_a_command_on_an_unknown_sample_lists_the_samples(command: str) -> None:
    message = refusal(*command.split(), "--symbol", "BTCUSDT")
    assert "sample:5m" in message
    assert message.endswith("sample:1h or sample:1m")
