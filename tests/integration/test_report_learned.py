"""Report of a run with a trained model: its charts hold the journal's figures, and it is whole without extras."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects
import polars as pl
import pytest
from tests import learned

from quaestor.analysis.journal_rows import read_rows
from quaestor.analysis.opinion_log import KEPT_ROWS
from quaestor.app.run import backtest
from quaestor.brain.trained.outputs import Output
from quaestor.errors import DataError
from quaestor.ledger.codes import Abstention
from quaestor.report import load_run, write_report

SYMBOLS = ("BTCUSDT", "ETHUSDT")
CHARTS = ("reasons", "edge", "votes", "weights", "reliability")
NAMED = ("ink", "muted", "line", "accent", "gain", "loss", "card")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ran")
    backtest(learned.run_config(folder, *SYMBOLS))
    return folder


@pytest.fixture(scope="module")
def page(ran: Path) -> str:
    return write_report([ran / "out"], ran / "report.html").read_text(encoding="utf-8")


def charts(page: str) -> dict[str, Any]:
    found = re.search(r"const CHARTS=(\{.*?\});\n", page, re.DOTALL)
    assert found is not None
    plain = json.loads(found[1])
    assert isinstance(plain, dict)
    return plain


def in_real_colours(value: Any) -> Any:
    """Return the chart with the palette's names replaced, as the page does."""
    if isinstance(value, dict):
        return {
            key: "#123456" if key == "color" and inner in NAMED else in_real_colours(inner)
            for key, inner in value.items()
        }
    return [in_real_colours(inner) for inner in value] if isinstance(value, list) else value


def test_every_chart_is_a_valid_figure(page: str) -> None:
    drawn = charts(page)
    for k in range(len(SYMBOLS)):
        for name in CHARTS:
            assert f"<div class=chart id=opinions-0-{k}-{name}>" in page
            plotly.graph_objects.Figure(in_real_colours(drawn[f"opinions-0-{k}-{name}"]))


def test_reasons_are_counted_at_every_bar(ran: Path) -> None:
    rows = read_rows(ran / "journal")
    summary = json.loads((ran / "out" / "summary.json").read_text())
    for k, figures in enumerate(summary["opinions"]):
        own = rows.opinions[rows.decisions["instrument"] == k]
        counted = np.bincount(own[:, Output.REASON].astype(int), minlength=len(Abstention))
        assert figures["symbol"] == SYMBOLS[k]
        assert list(figures["abstentions"].values()) == counted.tolist()


def test_kept_opinions_are_those_of_the_journal(ran: Path, tmp_path: Path) -> None:
    rows = read_rows(ran / "journal")
    kept = pl.read_parquet(ran / "out" / "opinions.parquet")
    for k, symbol in enumerate(SYMBOLS):
        own = rows.decisions["instrument"] == k
        frame = kept.filter(pl.col("symbol") == symbol)
        assert frame["ts"].to_list() == rows.decisions["ts"][own].tolist()
        np.testing.assert_array_equal(frame.drop("symbol", "ts", "regime").to_numpy(), rows.opinions[own])
    backtest(learned.run_config(tmp_path, span=learned.MONTHS))
    bars = len(read_rows(tmp_path / "journal").decisions)
    stamps = pl.read_parquet(tmp_path / "out" / "opinions.parquet")["ts"].to_numpy()
    assert KEPT_ROWS / 2 < len(stamps) <= KEPT_ROWS < bars
    assert len(set(np.diff(stamps).tolist())) <= 2  # every so many bars, through the windows


def test_reliability_compares_forecasts_with_outcomes(ran: Path) -> None:
    summary = json.loads((ran / "out" / "summary.json").read_text())
    for figures in summary["opinions"]:
        assert [each["model"] for each in figures["live"]] == ["pooled", *figures["models"]]
        weights = {each["model"]: sum(bin_["weight"] for bin_ in each["bins"]) for each in figures["live"]}
        assert weights["pooled"] == pytest.approx(weights["logistic"])
        assert weights["pooled"] > 20.0
        assert all(0.0 <= bin_["frequency"] <= 1.0 for each in figures["live"] for bin_ in each["bins"])


def test_importance_of_the_last_model_is_reported(page: str, ran: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in learned.SETTINGS.features:
        assert f"<td>{name}</td>" in page
    assert "Not measured" not in page
    monkeypatch.setitem(sys.modules, "shap", None)
    without = write_report([ran / "out"], ran / "without.html").read_text(encoding="utf-8")
    assert "Not measured: explanation: needs shap" in without
    assert charts(without).keys() == charts(page).keys()


def test_a_summary_that_was_changed_is_refused(ran: Path, tmp_path: Path) -> None:
    for file in (ran / "out").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    summary = json.loads((tmp_path / "summary.json").read_text())
    summary["opinions"][0]["abstentions"] = "many"
    (tmp_path / "summary.json").write_text(json.dumps(summary))
    with pytest.raises(DataError, match="opinions: "):
        write_report([tmp_path], tmp_path / "report.html")
    assert load_run(ran / "out").opinions is not None
