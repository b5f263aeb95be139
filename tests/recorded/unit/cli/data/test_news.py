"""`quaestor news` and side data on recorded headlines."""

from pathlib import Path

import polars as pl
from tests.command_line import json_of
from tests.recorded.files import FEAR_GREED, HOURS, LABELLED, NEWS


def test_the_test_half_of_real_headlines_is_scored(shared_data: Path) -> None:
    path = shared_data / LABELLED
    summary = json_of("news", "score", "--data", path, "--labels", "entity_sentiment_json", "--test-half", "--json")
    assert summary["labels"] == 7_137
    assert summary["accuracy"] > 0.74


def test_side_data_reach_features(shared_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "features.parquet"
    names = "sentiment,headline_intensity_24,fear_greed"
    beside = ("--headlines", shared_data / NEWS, "--fear-greed", shared_data / FEAR_GREED, "--benchmark", "ETHUSDT")
    common = ("features", "compute", "--data", shared_data / HOURS, "-s", "BTCUSDT", "-f", names, "-o", out)
    assert json_of(*common, *beside, "--to", "2022-03-01", "--json")["rows"] == 59 * 24
    frame = pl.read_parquet(out)
    assert frame["sentiment"].is_between(-1, 1).all()
    assert frame["fear_greed"].is_between(-1, 1).all()
    assert frame["sentiment"].n_unique() > 1_000
