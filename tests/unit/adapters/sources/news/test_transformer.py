"""The transformer scorer over a real model small enough to work out by hand, and what it refuses."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnxruntime.quantization import quantize_dynamic
from tests.unit.adapters.sources.news.tiny_transformer import WORDS, Tiny, score_by_hand

from quaestor.adapters.sources.news.aliases import load_aliases
from quaestor.adapters.sources.news.choice import choose_scorer
from quaestor.adapters.sources.news.clauses import score_mentions
from quaestor.adapters.sources.news.headlines import Headlines
from quaestor.adapters.sources.news.scorer import LexiconScorer
from quaestor.adapters.sources.news.series import KNOWN_AFTER_NS, sentiment_of
from quaestor.adapters.sources.news.transformer import TransformerScorer
from quaestor.errors import ConfigError, DataError

TEXTS = (
    "Bitcoin soars",
    "gold plunges",
    "as gold",
    "Bitcoin RALLY as gold falls and more that it does not know",
    "unheard of",
    "falls falls falls rally soars",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Tiny().write(tmp_path_factory.mktemp("models") / "tiny")


@pytest.mark.parametrize("batch_size", [1, 2, 32])
def test_scores_are_those_worked_by_hand(folder: Path, batch_size: int) -> None:
    scores = TransformerScorer(folder, batch_size=batch_size).score(TEXTS)
    assert scores.dtype == np.float64
    assert scores == pytest.approx(score_by_hand(TEXTS), abs=1e-6)
    assert scores[0] > 0.5
    assert scores[1] < -0.5


@settings(max_examples=40)
@given(
    texts=st.lists(st.lists(st.sampled_from([*WORDS, "other", " "]), max_size=12).map(" ".join), max_size=9),
    batch_size=st.integers(1, 5),
)
def test_a_score_depends_on_its_own_text_alone(folder: Path, texts: list[str], batch_size: int) -> None:
    alone = TransformerScorer(folder, batch_size=1)
    each = np.array([alone.score([text])[0] for text in texts])
    assert np.array_equal(alone.score(texts), each)
    together = TransformerScorer(folder, batch_size=batch_size).score(texts)
    assert np.all(np.abs(together) <= 1.0)
    np.testing.assert_allclose(together, each, rtol=0.0, atol=1e-6)


@pytest.mark.parametrize(
    "tiny",
    [
        Tiny(("positive", "negative", "neutral"), (2, 0, 1)),
        Tiny(("Neutral", "BULLISH", " Bearish"), (1, 2, 0)),
        Tiny(inputs=("token_type_ids", "input_ids", "attention_mask")),
        Tiny(inputs=("input_ids",)),
        Tiny(kind="int32"),
        Tiny(config={"pad_token_id": None}),
        Tiny(config={}),
    ],
)
def test_whatever_the_order_of_labels_and_inputs(tmp_path: Path, tiny: Tiny) -> None:
    assert TransformerScorer(tiny.write(tmp_path / "m")).score(TEXTS) == pytest.approx(score_by_hand(TEXTS), abs=1e-6)


def test_two_labels_are_enough(tmp_path: Path) -> None:
    scorer = TransformerScorer(Tiny(("positive", "negative"), (2, 0)).write(tmp_path / "m"))
    assert scorer.score(TEXTS) == pytest.approx(score_by_hand(TEXTS, labels=(0, 2)), abs=1e-6)


def test_what_is_too_long_is_cut_at_its_end(folder: Path) -> None:
    text = "soars soars soars " + "plunges " * 500
    assert TransformerScorer(folder, max_tokens=5).score([text]) == pytest.approx(score_by_hand([text], 5), abs=1e-6)
    assert TransformerScorer(folder).score([text]) == pytest.approx(score_by_hand([text]), abs=1e-6)


def test_nothing_to_read_is_no_opinion(folder: Path) -> None:
    scorer = TransformerScorer(folder)
    assert scorer.score(["", " \t", "soars", "\n"]).tolist() == [0.0, 0.0, scorer.score(["soars"])[0], 0.0]
    assert scorer.score([]).shape == (0,)


def test_certainty_stays_within_one(tmp_path: Path) -> None:
    scorer = TransformerScorer(Tiny(scale=1e4).write(tmp_path / "m"))
    assert scorer.score(["soars", "plunges"]).tolist() == [1.0, -1.0]


def test_the_chosen_one_gives_the_same_bits_in_any_company_even_quantised(folder: Path, tmp_path: Path) -> None:
    """Dynamic quantisation scales by the largest value of a batch: a batch of several would mix headlines."""
    quantised = Tiny().write(tmp_path / "m")
    quantize_dynamic(str(folder / "model.onnx"), str(quantised / "model.onnx"))
    chosen = choose_scorer(model=quantised)
    alone = [chosen.score([text])[0] for text in TEXTS]
    assert chosen.score(TEXTS).tolist() == alone
    assert np.abs(TransformerScorer(quantised).score(TEXTS) - alone).max() > 1e-4


def test_mentions_and_series_take_it(folder: Path) -> None:
    scorer = TransformerScorer(folder)
    title = "Bitcoin rally as gold falls"
    of_mentions = score_mentions(scorer, [title] * 2, [0, title.index("gold")])
    assert of_mentions == pytest.approx(score_by_hand(["Bitcoin rally", "gold falls"]), abs=1e-6)
    headlines = Headlines(np.array([10, 20, 30]), (title, "Gold soars", "Bitcoin plunges"))
    series = sentiment_of("BTC", headlines, scorer, load_aliases())
    assert (series.known_ts - KNOWN_AFTER_NS).tolist() == [10, 30]
    assert series.scores == pytest.approx(score_by_hand(["Bitcoin rally", "Bitcoin plunges"]), abs=1e-6)


def test_the_lexicon_is_the_default() -> None:
    assert isinstance(choose_scorer(), LexiconScorer)


def test_the_libraries_are_imported_by_a_model_only() -> None:
    program = (
        "import sys; import quaestor.adapters.sources.news.scorer, quaestor.adapters.sources.side_data; "
        "from quaestor.adapters.sources.news.choice import choose_scorer; choose_scorer(); "
        "print(sorted({'onnxruntime', 'tokenizers'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("library", ["onnxruntime", "tokenizers"])
def test_without_a_library_the_remedy_is_named(folder: Path, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = importlib.import_module

    def absent(name: str) -> Any:
        if name.startswith(library):
            raise ModuleNotFoundError(name)
        return genuine(name)

    monkeypatch.setattr("quaestor.adapters.optional.import_module", absent)
    with pytest.raises(ConfigError, match=rf"needs {library}.*pip install 'quaestor\[transformer\]'"):
        TransformerScorer(folder)


def test_a_missing_folder_or_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none: there is no such folder — give a folder with model\.onnx"):
        TransformerScorer(tmp_path / "none")
    for name in ("model.onnx", "tokenizer.json", "config.json"):
        folder = Tiny().write(tmp_path / name.partition(".")[0])
        (folder / name).unlink()
        with pytest.raises(ConfigError, match=rf"holds no {name} — export"):
            TransformerScorer(folder)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("model.onnx", b"junk", r"model\.onnx: cannot be read as a model: .* — export"),
        ("model.onnx", b"", r"model\.onnx: "),
        ("tokenizer.json", b"{", r"tokenizer\.json: cannot be read as a tokenizer: .* — export"),
        ("tokenizer.json", b'{"model": 1}', r"tokenizer\.json: cannot be read as a tokenizer"),
        ("config.json", b"{", r"config\.json: cannot be read as a configuration: .* — export"),
        ("config.json", b"[]", r"config\.json: cannot be read as a configuration"),
        ("config.json", b'{"id2label": {"one": "negative"}}', r"config\.json: cannot be read as a configuration"),
        ("config.json", b"{}", r"config\.json: the labels of id2label say no sentiment \(none\) — write"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    folder = Tiny().write(tmp_path / "m")
    (folder / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        TransformerScorer(folder)


def test_a_model_cut_short_is_refused(tmp_path: Path) -> None:
    folder = Tiny().write(tmp_path / "m")
    whole = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="cannot be read as a model"):
        TransformerScorer(folder)


@pytest.mark.parametrize(
    "labels",
    [
        {"0": "LABEL_0", "1": "LABEL_1", "2": "LABEL_2"},
        {"0": "negative", "1": "neutral", "2": "joy"},
        {"0": "positive", "1": "neutral", "2": "bullish"},
        {"0": "negative", "1": "neutral"},
        {"0": "negative", "1": "neutral", "3": "positive"},
        {"1": "negative", "2": "neutral", "3": "positive"},
        {"0": "neutral"},
    ],
)
def test_labels_without_a_meaning_are_refused(tmp_path: Path, labels: dict[str, str]) -> None:
    folder = Tiny().write(tmp_path / "m")
    (folder / "config.json").write_text(json.dumps({"id2label": labels}))
    with pytest.raises(DataError, match=r"config\.json: the labels of id2label say no sentiment \(\d: .* — write what"):
        TransformerScorer(folder)


@pytest.mark.parametrize(
    ("tiny", "message"),
    [
        (Tiny(inputs=("input_ids", "position_ids")), r"position_ids tensor\(int64\)"),
        (Tiny(mask_kind="float"), r"input_ids tensor\(int64\), attention_mask tensor\(float\)"),
    ],
)
def test_other_inputs_are_refused(tmp_path: Path, tiny: Tiny, message: str) -> None:
    with pytest.raises(DataError, match=rf"takes .*{message}; a text gives the integers .* — export"):
        TransformerScorer(tiny.write(tmp_path / "m"))


@pytest.mark.parametrize(
    ("tiny", "message"),
    [
        (Tiny(("negative", "positive"), (0, 1, 2)), r"'logits' is \(1, 3\), not \(1, 2\)"),
        (Tiny(per_token=True), r"'logits' is \(1, 4, 3\), not \(1, 3\): one logit for each of the labels"),
        (Tiny(scale=float("nan")), "not finite"),
        (Tiny(vocabulary=4), "cannot take what the tokenizer gives"),
        (Tiny(shape=(1, 64)), "cannot take what the tokenizer gives.*64"),
    ],
)
def test_a_model_of_another_shape_is_refused(tmp_path: Path, tiny: Tiny, message: str) -> None:
    scorer = TransformerScorer(tiny.write(tmp_path / "m"))
    with pytest.raises(DataError, match=rf"model\.onnx: .*{message}.* — export"):
        scorer.score(["gold falls"])


def test_numbers_out_of_range_are_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="a batch of 0 texts — give 1 or more"):
        TransformerScorer(folder, batch_size=0)
    with pytest.raises(ConfigError, match="2 tokens a text — give more than 2"):
        TransformerScorer(folder, max_tokens=2)


def test_the_model_is_a_real_one(folder: Path) -> None:
    onnx.checker.check_model(str(folder / "model.onnx"), full_check=True)
