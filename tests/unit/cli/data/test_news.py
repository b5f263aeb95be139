"""`quaestor news`, and side data through `quaestor features compute`."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.command_line import call, json_of, refusal
from tests.slices import HOURS
from tests.unit.adapters.sources.news.tiny_transformer import Tiny, score_by_hand


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """Write three headlines, two of them labelled rightly."""
    path = tmp_path / "news.csv"
    path.write_text("title,label\nBitcoin soars,positive\nBitcoin plunges,negative\nBitcoin rises,neutral\n,neutral\n")
    return path


def test_scores_are_counted_and_written(news: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "scores.parquet"
    summary = json_of("news", "score", "--data", news, "--out", out, "--json")
    assert summary == {"headlines": 3, "negative": 1, "neutral": 0, "positive": 2, "out": str(out)}
    frame = pl.read_parquet(out)
    assert frame.columns == ["title", "score"]
    assert np.sign(frame["score"].to_numpy()).tolist() == [1, -1, 1]


def test_scores_are_compared_with_labels(news: Path) -> None:
    summary = json_of("news", "score", "--data", news, "--labels", "label", "--json")
    assert summary["labels"] == 3
    assert summary["accuracy"] == pytest.approx(2 / 3)
    assert summary["confusion"] == [[1, 0, 0], [0, 0, 1], [0, 0, 1]]
    shown = call("news", "score", "--data", news, "--labels", "label")
    assert shown.code == 0
    assert "66.67 %" in shown.out


def test_further_terms_change_scores(news: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[[group]]\nmeaning = "upside down"\nweight = 3\nwords = "plunges"\n')
    assert json_of("news", "score", "--data", news, "--lexicon", own, "--json")["negative"] == 0


def test_labels_of_entities_and_half_of_them(tmp_path: Path) -> None:
    """Sixty pairs, half of which are set aside; the lexicon knows these words."""
    words = {"soars": "positive", "plunges": "negative", "meets analysts": "neutral"}
    names = [f"Company {letter}{number}" for letter in "ABCDE" for number in range(4)]
    rows = [(f"{name} {word}", json.dumps({name: label})) for name in names for word, label in words.items()]
    path = tmp_path / "labelled.parquet"
    pl.DataFrame(rows, schema=["title", "entities"], orient="row").write_parquet(path)
    score = ("news", "score", "--data", path, "--labels", "entities", "--json")
    assert (json_of(*score)["labels"], json_of(*score)["accuracy"]) == (60, 1.0)
    half = json_of(*score, "--test-half")
    assert 15 < half["labels"] < 45
    assert half["accuracy"] == 1.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--labels", "lable"), "did you mean label"),
        (("--out", "scores.csv"), "use .parquet"),
        (("--lexicon", "none.toml"), "cannot be read as a lexicon"),
    ],
)
def test_mistakes_are_one_clear_error(news: Path, options: tuple[str, ...], message: str) -> None:
    assert message in refusal("news", "score", "--data", news, *options)


def test_side_data_reach_features(headlines: Path, fear_greed: Path, tmp_path: Path) -> None:
    out = tmp_path / "features.parquet"
    names = "sentiment,headline_intensity_24,fear_greed"
    options = ("--headlines", headlines, "--fear-greed", fear_greed, "--benchmark", "ETHUSDT", "--to", "2023-05-01")
    common = ("features", "compute", "--data", HOURS, "-s", "BTCUSDT", "-f", names, "-o", out)
    assert json_of(*common, *options, "--json")["rows"] == 61 * 24 - 1
    frame = pl.read_parquet(out)
    assert frame["sentiment"].is_between(-1, 1).all()
    assert frame["fear_greed"].is_between(-1, 1).all()
    assert frame["sentiment"].n_unique() > 700
    message = refusal(*common, "--to", "2023-05-01")
    assert "fear_greed needs fear_greed, which the data does not hold" in message


def test_a_model_scores_instead_of_the_lexicon(news: Path, tmp_path: Path) -> None:
    model, out = Tiny().write(tmp_path / "tiny"), tmp_path / "scores.parquet"
    options = ("--data", news, "--model", model, "--labels", "label", "--out", out, "--json")
    summary = json_of("news", "score", *options)
    assert (summary["headlines"], summary["labels"]) == (3, 3)
    frame = pl.read_parquet(out)
    assert frame["score"].to_list() == pytest.approx(score_by_hand(frame["title"].to_list()), abs=1e-6)


def test_a_wrong_model_is_one_clear_error(news: Path, tmp_path: Path) -> None:
    score = ("news", "score", "--data", news, "--model")
    assert "there is no such folder" in refusal(*score, tmp_path / "none")
    assert f"{tmp_path}: holds no model.onnx" in refusal(*score, tmp_path)
    assert "give either a lexicon or a model" in refusal(*score, tmp_path, "--lexicon", "own.toml")
    unnamed = Tiny(("LABEL_0", "LABEL_1", "LABEL_2")).write(tmp_path / "unnamed")
    assert "write what each logit means" in refusal(*score, unnamed)
    narrow = Tiny(("negative", "positive")).write(tmp_path / "narrow")
    assert "one logit for each of the labels" in refusal(*score, narrow)


def test_a_model_reaches_features(headlines: Path, tmp_path: Path) -> None:
    out = tmp_path / "features.parquet"
    common = ("features", "compute", "--data", HOURS, "-s", "BTCUSDT", "-f", "sentiment", "-o", out)
    options = (*common, "--from", "2023-04-01", "--to", "2023-05-01", "--json")
    model = Tiny().write(tmp_path / "tiny")
    assert "give --headlines FILE too" in refusal(*options, "--headline-model", model)
    assert not out.exists()
    json_of(*options, "--headlines", headlines)
    by_lexicon = pl.read_parquet(out)["sentiment"].to_numpy()
    summary = json_of(*options, "--headlines", headlines, "--headline-model", model)
    assert summary["notes"][-1].endswith(f"headlines about BTC from {headlines.name}, scored by tiny")
    by_model = pl.read_parquet(out)["sentiment"].to_numpy()
    assert np.abs(by_model).max() < 1
    assert np.abs(by_model - by_lexicon).min() > 0
