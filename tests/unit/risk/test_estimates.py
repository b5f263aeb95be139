"""Risk estimates on real bars: volatility, correlation and volume."""

import math

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from tests.builders import MINUTE, engine, engine_settings, instrument, run
from tests.slices import HOURS, stamp

from quaestor.engine.engine import Engine
from quaestor.jit.compile import interpreted, kernel
from quaestor.jit.tables import Table
from quaestor.ledger.rows import EVENT
from quaestor.risk.co_movement import riskier_correlation, rolling_correlation
from quaestor.risk.state import LOOKBACK, RISK_BOOK
from quaestor.risk.volatility import bar_volatility, range_variance

HOUR = 60 * MINUTE
TRADED = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
_DECAY = 0.02


@pytest.fixture(scope="module")
def bars() -> pl.DataFrame:
    """A quarter of hours of three markets; the second lacks every seventh bar."""
    frame = pl.read_parquet(HOURS).filter(
        (pl.col("ts") < stamp("2023-06-01")) & ~((pl.col("symbol") == TRADED[1]) & ((pl.col("ts") // HOUR) % 7 == 0))
    )
    return frame.with_columns(
        pl.col("symbol").replace_strict({name: k for k, name in enumerate(TRADED)}).alias("index")
    ).sort("ts", "index")


@pytest.fixture(scope="module")
def observed(bars: pl.DataFrame) -> Engine:
    """An engine that has processed all the bars without a position."""
    events = np.zeros(len(bars), EVENT)
    events["open_ts"], events["instrument"] = bars["ts"], bars["index"]
    events["ts"] = events["open_ts"] + HOUR
    for name in ("open", "high", "low", "close", "volume"):
        events[name] = np.rint(bars[name].to_numpy() * 1e4)
    events["signal"] = math.nan
    target = engine([instrument(symbol=name) for name in TRADED], engine_settings(), interval_ns=HOUR)
    run(target, events)
    return target


def column(bars: pl.DataFrame, index: int, name: str) -> NDArray[np.float64]:
    return np.rint(bars.filter(pl.col("index") == index)[name].to_numpy() * 1e4)


def weighted(values: NDArray[np.float64]) -> float:
    """Exponentially weighted mean that begins with the first value."""
    mean = float(values[0])
    for value in values[1:].tolist():
        mean += _DECAY * (value - mean)
    return mean


@kernel
def volatility_of(books: Table) -> float:
    return bar_volatility(books[0])


@pytest.mark.parametrize("index", range(3))
def test_the_volatility_is_the_larger_of_the_close_and_the_range_estimates(
    bars: pl.DataFrame, observed: Engine, index: int
) -> None:
    opened, high, low, close = (column(bars, index, name) for name in ("open", "high", "low", "close"))
    swing, body = np.log(high / low), np.log(close / opened)
    parkinson = swing**2 / (4.0 * math.log(2.0))
    garman_klass = 0.5 * swing**2 - (2.0 * math.log(2.0) - 1.0) * body**2
    closes = weighted(np.square(close[1:] / close[:-1] - 1.0))
    ranges = 0.5 * (weighted(parkinson) + weighted(garman_klass))
    memory = observed.books["risk"][index : index + 1].copy()
    assert memory[0]["variance"] == pytest.approx(closes, rel=1e-12)
    assert memory[0]["range_variance"] == pytest.approx(ranges, rel=1e-5)
    assert memory[0]["volume"] == pytest.approx(weighted(column(bars, index, "volume")))
    for estimate in (volatility_of, interpreted(volatility_of)):
        assert estimate(memory) == math.sqrt(max(memory[0]["variance"], memory[0]["range_variance"]))


@kernel
def one_bar(events: Table) -> float:
    return range_variance(events[0])


@pytest.mark.parametrize(
    ("opened", "high", "low", "close"), [(100, 110, 95, 105), (100, 100, 100, 100), (100, 150, 100, 150), (7, 9, 7, 7)]
)
def test_the_range_variance_is_the_mean_of_parkinson_and_garman_klass(
    opened: int, high: int, low: int, close: int
) -> None:
    events = np.zeros(1, EVENT)
    for name, value in zip(("open", "high", "low", "close"), (opened, high, low, close), strict=True):
        events[name] = value
    swing, body = math.log(high / low), math.log(close / opened)
    parkinson = swing**2 / (4.0 * math.log(2.0))
    garman_klass = 0.5 * swing**2 - (2.0 * math.log(2.0) - 1.0) * body**2
    for variance in (one_bar, interpreted(one_bar)):
        assert variance(events) == pytest.approx(0.5 * (parkinson + garman_klass), rel=1e-4, abs=1e-15)


@pytest.mark.parametrize(("j", "k"), [(0, 1), (1, 2), (2, 0)])
def test_the_rolling_correlation_is_pearsons_over_the_last_100_common_bars(
    bars: pl.DataFrame, observed: Engine, j: int, k: int
) -> None:
    frames = []
    for index in (j, k):
        rows = bars.filter(pl.col("index") == index)
        close = column(bars, index, "close")
        frames.append(pl.DataFrame({"ts": rows["ts"][1:], f"r{index}": close[1:] / close[:-1] - 1.0}))
    both = frames[0].join(frames[1], on="ts").sort("ts").tail(100)
    expected = float(np.corrcoef(both[f"r{j}"], both[f"r{k}"])[0, 1])
    assert 0.5 < expected < 1.0
    assert rolling_correlation(observed.books, j, k) == pytest.approx(expected, abs=1e-12)
    books = observed.books.copy()
    books["risk"]["rolling_at"] = 0
    assert interpreted(rolling_correlation)(books, k, j) == pytest.approx(expected, abs=1e-12)


def test_the_weighted_covariance_is_of_the_common_bars(bars: pl.DataFrame, observed: Engine) -> None:
    first, third = column(bars, 0, "close"), column(bars, 2, "close")
    product = (first[1:] / first[:-1] - 1.0) * (third[1:] / third[:-1] - 1.0)
    joint = 0.0
    for value in product.tolist():
        joint += _DECAY * (value - joint)
    assert observed.books["risk"]["covariance"][0, 2] == pytest.approx(joint, rel=1e-9)


def two_books(weighted_rho: float, count: int) -> Table:
    """Rolling correlation −1 over `count` bars beside a weighted one."""
    books = np.zeros(2, [("risk", RISK_BOOK)])
    risk = books["risk"]
    risk["variance"] = 1e-4
    risk["covariance"][0, 1] = risk["covariance"][1, 0] = weighted_rho * 1e-4
    swings = 0.01 * (-1.0) ** np.arange(count)
    risk["returns"][0, :count], risk["returns"][1, :count] = swings, -swings
    risk["return_ts"][:, :count] = np.arange(1, count + 1)
    risk["n_returns"] = count
    return books


def test_the_riskier_of_two_correlations_counts() -> None:
    assert riskier_correlation(two_books(0.5, 50), 0, 1, True) == 0.5
    assert riskier_correlation(two_books(0.5, 50), 0, 1, False) == pytest.approx(-1.0)
    assert riskier_correlation(two_books(0.5, 19), 0, 1, False) == 0.5  # too few returns in common
    assert riskier_correlation(two_books(0.5, 50), 1, 1, True) == 1.0


def test_returns_are_matched_by_time_stamp_across_the_end_of_the_ring() -> None:
    books = two_books(0.0, LOOKBACK)
    rng = np.random.default_rng(3)
    returns = rng.normal(0, 0.01, 700)
    other = 0.5 * returns + rng.normal(0, 0.01, 700)
    for index, series, kept in ((0, returns, np.arange(700)), (1, other, np.arange(700)[np.arange(700) % 3 > 0])):
        memory = books[index]["risk"]
        for slot, k in enumerate(kept.tolist()):
            memory["returns"][slot % LOOKBACK], memory["return_ts"][slot % LOOKBACK] = series[k], k + 1
        memory["n_returns"] = len(kept)
    common = np.arange(700)[np.arange(700) % 3 > 0][-100:]
    expected = np.corrcoef(returns[common], other[common])[0, 1]
    assert rolling_correlation(books, 0, 1) == pytest.approx(expected, abs=1e-12)


def test_an_estimate_is_kept_for_sixteen_bars() -> None:
    books = two_books(0.0, 50)
    assert rolling_correlation(books, 0, 1) == pytest.approx(-1.0)
    books[1]["risk"]["returns"] *= -1.0
    books[0]["risk"]["n_returns"] = 64
    assert rolling_correlation(books, 0, 1) == pytest.approx(-1.0)
    books["risk"]["n_returns"] = 66
    books["risk"]["return_ts"][:, 50:66] = np.arange(51, 67)
    books["risk"]["returns"][:, 50:66] = 0.01 * (-1.0) ** np.arange(16)
    assert rolling_correlation(books, 0, 1) == pytest.approx(1.0)
