"""Headlines from files, and the sentiment of an asset over time."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quaestor.adapters.sources.news.aliases import load_aliases
from quaestor.adapters.sources.news.headlines import Headlines, load_headlines
from quaestor.adapters.sources.news.scorer import LexiconScorer
from quaestor.adapters.sources.news.series import HALF_LIFE_NS, SentimentSeries, sentiment_of
from quaestor.errors import ConfigError, DataError

MINUTE = 60 * 10**9
START = 1_640_995_200 * 10**9
TITLES = (
    "Bitcoin plunges after hack",
    "Bitcoin soars to record high",
    "Bitcoin falls, ether rallies",
    "BTC dips slightly",
    "Ethereum gains",
    "Nothing to see",
    "Bitcoin analysts meet",
)
HOURS = START + np.arange(1, 30, dtype=np.int64) * 60 * MINUTE
SCORER = LexiconScorer()


def series_of(path: Path, rows: list[tuple[int, str]], asset: str = "BTC") -> SentimentSeries:
    """What a file of these minutes and titles, in this order, says of an asset."""
    ts = np.array([START + minute * MINUTE for minute, _ in rows], dtype=np.int64)
    pl.DataFrame({"ts": ts, "title": [title for _, title in rows]}).write_parquet(path)
    return sentiment_of(asset, load_headlines(path), SCORER, load_aliases())


published = st.lists(st.tuples(st.integers(0, 600), st.sampled_from(TITLES)), min_size=1, max_size=15)


@settings(max_examples=40)
@given(rows=published, seed=st.integers(0, 1000))
def test_the_order_of_headlines_does_not_matter(
    rows: list[tuple[int, str]], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("news") / "news.parquet"
    shuffled = [rows[k] for k in np.random.default_rng(seed).permutation(len(rows))]
    assert series_of(path, rows).at(HOURS).tobytes() == series_of(path, shuffled).at(HOURS).tobytes()


@settings(max_examples=40)
@given(rows=published, later=published, hour=st.integers(0, len(HOURS) - 1))
def test_a_later_headline_never_changes_the_past(
    rows: list[tuple[int, str]], later: list[tuple[int, str]], hour: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("news") / "news.parquet"
    first = int((HOURS[hour] - START) // MINUTE)  # published with the close: known a minute after it
    future = [(first + minute, title) for minute, title in later]
    before = series_of(path, rows).at(HOURS)[:, : hour + 1]
    after = series_of(path, rows + future).at(HOURS)[:, : hour + 1]
    assert before.tobytes() == after.tobytes()


def test_a_headline_is_known_a_minute_after_its_stamp(tmp_path: Path) -> None:
    rows = [(59, "Bitcoin soars"), (60, "Bitcoin plunges")]
    series = series_of(tmp_path / "news.parquet", rows)
    assert series.known_ts.tolist() == [START + 60 * MINUTE, START + 61 * MINUTE]
    sentiment, headlines = series.at(HOURS[:2])
    assert headlines[0] == 1.0
    assert sentiment[0] == series.scores[0] / 2.0 > 0


def test_sentiment_fades_and_the_count_halves_after_a_half_life(tmp_path: Path) -> None:
    series = series_of(tmp_path / "news.parquet", [(59, "Bitcoin soars")])
    close = HOURS[0] + HALF_LIFE_NS * np.arange(3)
    sentiment, headlines = series.at(close)
    assert headlines.tolist() == [1.0, 0.5, 0.25]
    assert sentiment[0] > sentiment[1] > sentiment[2] > 0
    assert series.at(HOURS[:1] - MINUTE).tolist() == [[0.0], [0.0]]
    assert series.at(close, HALF_LIFE_NS // 2)[1].tolist() == [1.0, 0.25, 0.0625]


def test_each_asset_gets_what_is_said_of_it(tmp_path: Path) -> None:
    rows = [(1, "Bitcoin falls, ether rallies"), (2, "Nothing to see")]
    bitcoin, ether = (series_of(tmp_path / "news.parquet", rows, asset) for asset in ("BTC", "ETH"))
    assert len(bitcoin) == len(ether) == 1
    assert bitcoin.scores[0] < 0 < ether.scores[0]
    assert len(series_of(tmp_path / "news.parquet", rows, "SOL")) == 0


def test_a_headline_counts_once_however_often_it_names_the_asset(tmp_path: Path) -> None:
    series = series_of(tmp_path / "news.parquet", [(1, "Bitcoin soars, BTC jumps")])
    apart = series_of(tmp_path / "news.parquet", [(1, "Bitcoin soars"), (2, "BTC jumps")])
    assert series.scores.tolist() == [apart.scores.mean()]


def test_files_in_any_form(tmp_path: Path) -> None:
    path = tmp_path / "news.csv"
    path.write_text(
        'published_at,headline\n2022-01-01T00:02:00Z,"Bitcoin, ether rise"\n2022-01-01T00:01:00Z,B\n'
        "2022-01-01T00:01:00Z,A\n2022-01-01T00:01:00Z,A\n2022-01-01T00:01:00Z,\n"
    )
    headlines = load_headlines(path)
    assert headlines.titles == ("A", "B", "Bitcoin, ether rise")
    assert headlines.ts.tolist() == [START + MINUTE, START + MINUTE, START + 2 * MINUTE]


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pl.DataFrame({"ts": [START], "text": ["x"]}), "no column 'title'"),
        (pl.DataFrame({"title": ["x"]}), "no column 'ts'"),
        (pl.DataFrame({"ts": [START], "title": ["  "]}), "holds no headlines"),
        (pl.DataFrame({"ts": [None], "title": ["x"]}, schema={"ts": pl.Int64, "title": pl.String}), "row 0"),
    ],
)
def test_files_that_hold_no_headlines_are_refused(tmp_path: Path, frame: pl.DataFrame, message: str) -> None:
    path = tmp_path / "news.parquet"
    frame.write_parquet(path)
    with pytest.raises(DataError, match=message):
        load_headlines(path)


def test_impossible_settings_are_refused() -> None:
    headlines = Headlines(np.array([START]), ("Bitcoin soars",))
    with pytest.raises(ConfigError, match="delay"):
        sentiment_of("BTC", headlines, SCORER, load_aliases(), known_after_ns=-1)
    with pytest.raises(ConfigError, match="half-life"):
        sentiment_of("BTC", headlines, SCORER, load_aliases()).at(HOURS, 0)


def require_bounded(series: SentimentSeries) -> None:
    """Over the hours of its headlines sentiment moves between −1 and 1, and begins with nothing."""
    assert np.all(np.diff(series.known_ts) >= 0)
    close = np.arange(int(series.known_ts[0]) - 3600 * 10**9, int(series.known_ts[-1]) + 2, 3600 * 10**9)
    sentiment, count = series.at(close)
    assert np.all(np.abs(sentiment) < 1.0)
    assert np.all(count >= 0.0)
    assert sentiment[0] == count[0] == 0.0
    assert sentiment.std() > 0.05


def test_weeks_of_headlines(headlines: Path) -> None:
    loaded = load_headlines(headlines)
    assert len(loaded) == 3_000 - 8  # every 400th is blank
    series = sentiment_of("BTC", loaded, SCORER, load_aliases())
    titles = pl.read_parquet(headlines)["title"]
    assert len(series) == titles.str.contains("Bitcoin|BTC").sum() > 900
    require_bounded(series)
