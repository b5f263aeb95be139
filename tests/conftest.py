"""Fixtures for every test: markets made from the bars that come with the repository, each written once a session."""

from pathlib import Path

import pytest
from hypothesis import settings
from tests import made_markets
from tests.made_markets import Perpetuals

# the first example of a test may compile a kernel: no deadline
settings.register_profile("kernels", deadline=None)
settings.load_profile("kernels")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of made files."""
    return tmp_path_factory.mktemp("made")


@pytest.fixture(scope="session")
def perpetuals(made: Path) -> Perpetuals:
    """Six days of five-minute bars of three perpetuals, with funding and marks."""
    return made_markets.make_perpetuals(made)


@pytest.fixture(scope="session")
def equities(made: Path) -> Path:
    """Four years of daily sessions of three shares, one of them split."""
    return made_markets.make_equities(made / "us_equity_daily_3sym.parquet")


@pytest.fixture(scope="session")
def headlines(made: Path) -> Path:
    """Eleven weeks of headlines from 2023-03-01."""
    return made_markets.make_headlines(made / "headlines.parquet")


@pytest.fixture(scope="session")
def fear_greed(made: Path) -> Path:
    """A year of a daily index from 2023-02-20."""
    return made_markets.make_fear_greed(made / "fear_greed_daily.parquet")


@pytest.fixture(scope="session")
def dirty(made: Path) -> Path:
    """Minutes of BTCUSDT in which defects are planted."""
    return made_markets.make_dirty(made / "binance_spot_BTCUSDT_1m_dirty.parquet")


@pytest.fixture(scope="session")
def chunked(made: Path) -> Path:
    """Minutes of a perpetual of ADAUSDT, most of them missing."""
    return made_markets.make_chunked(made / "bybit_perp_ADAUSDT_1m_chunked.parquet")
