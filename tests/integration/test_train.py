"""`quaestor train` from data to report: reproducible, blind to the hold-out until it is opened, with a stated
verdict."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.command_line import Outcome, call
from tests.planted import SMALL, planted_bars, write_bars
from tests.slices import HOURS, cut

from quaestor.adapters.model_stores.deployed import read_deployment
from quaestor.adapters.model_stores.registry import Registry
from quaestor.research.experiment.experiment import run_experiment
from quaestor.research.experiment.result import Experiment, to_json
from quaestor.research.experiment.settings import ExperimentSettings
from quaestor.research.experiment.verdict import Finding
from quaestor.research.training.models.contract import join, part
from quaestor.research.training.train import train
from quaestor.runtime.config import RunConfig
from quaestor.runtime.recovery.replay import replay

SYMBOLS = ("BTCUSDT", "ETHUSDT")
QUICK = ("--members", "logistic,online,ema_cross", "--samples", "700", "--training", "folds=3")


@pytest.fixture(scope="module")
def hours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write about 2,500 recorded hours of two symbols."""
    folder = tmp_path_factory.mktemp("hours")
    return cut(HOURS, folder / "binance_spot_1h.parquet", "2023-05-01", "2023-08-13", *SYMBOLS)


def arguments(hours: Path, folder: Path, *more: str) -> list[str]:
    """Return the arguments of one experiment whose models and results lie in a folder."""
    data = ("--data", str(hours), "--symbol", ",".join(SYMBOLS), "--first-training", "1000", "--retrain-every", "500")
    return ["train", *data, *QUICK, "--models", str(folder / "models"), *more]


@pytest.fixture(scope="module")
def done(hours: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """Run one experiment; return what it printed."""
    folder = tmp_path_factory.mktemp("done")
    return folder, call(*arguments(hours, folder, "--out", str(folder / "out")))


@pytest.fixture(scope="module")
def result(done: tuple[Path, Outcome]) -> dict[str, Any]:
    """What it wrote."""
    read = json.loads((done[0] / "out" / "experiment.json").read_text())
    assert isinstance(read, dict)
    return read


def test_the_verdict_is_printed_last_and_exit_status_is_0(done: tuple[Path, Outcome], result: dict[str, Any]) -> None:
    _, outcome = done
    assert outcome.code == 0, outcome.err
    assert result["verdict"]["finding"] in {"no_evidence", "loss"}
    assert outcome.out.rstrip().endswith(result["verdict"]["sentence"])
    for said in ("Walk-forward test", "Hold-out: opened for the first time.", "Final models", "holding", "breakout"):
        assert said in outcome.out


def test_the_same_seed_gives_the_same_bytes_in_another_process(
    hours: Path, result: dict[str, Any], tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "quaestor", *arguments(hours, tmp_path, "--out", str(tmp_path / "out"))]
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {"PYTHONHASHSEED": "7"})
    again = json.loads((tmp_path / "out" / "experiment.json").read_text())
    assert set(again.pop("wall_clock")) == {"started_ts", "seconds", "looks_before_ts"}
    first = {name: value for name, value in result.items() if name != "wall_clock"}
    assert json.dumps(again) == json.dumps(first)


def test_figures_agree_with_one_another(result: dict[str, Any]) -> None:
    for period in (result["walk_forward"], result["hold_out"]["period"]):
        learned, *others = period["money"]
        assert [learned["name"], *(own["name"] for own in others)] == [curve["name"] for curve in period["curves"]]
        assert [own["name"] for own in others] == [own["name"] for own in period["versus"]]
        for own, curve in zip(period["money"], period["curves"], strict=True):
            assert len(curve["ts"]) == period["days"]
            assert own["total_return"] == pytest.approx(curve["growth"][-1])
        assert sum(own["trades"] for own in period["symbols"]) == learned["trades"]
        pnl = sum(own["pnl"] for own in period["symbols"])
        assert pnl == pytest.approx(10_000 * learned["total_return"], abs=1e-6)
        of_regimes = [own for own in period["regimes"] if own["strategy"] == "learned"]
        assert sum(own["pnl"] for own in of_regimes) == pytest.approx(pnl, abs=1e-6)
        for shares in (period["conduct"]["abstentions"], period["conduct"]["regimes"], period["market"]):
            assert sum(own["share"] for own in shares) == pytest.approx(1.0)
        for each in period["forecasts"]:
            skill = each["skill"]
            if skill["outcomes"]:
                assert sum(bin_["weight"] for bin_ in skill["reliability"]) == pytest.approx(skill["effective"])
    assert {own["model"] for own in result["importance"]} == {"logistic"}
    assert sum(own["share"] for own in result["importance"]) == pytest.approx(1.0)


def test_models_are_registered_and_stay_challengers(done: tuple[Path, Outcome], result: dict[str, Any]) -> None:
    root = done[0] / "models"
    for own in result["models"]:
        version = Registry(root).versions(own["name"])[-1]
        assert version.sha256 == own["sha256"]
        shown = json.loads(call("models", "show", own["sha256"], "--models", root, "--json").out)
        assert own["memory"] == shown["memory"]
        assert [each["name"] for each in own["memory"]] == shown["manifest"]["models"]
        assert version.metrics["hold_out_trades"] == result["hold_out"]["period"]["money"][0]["trades"]
        assert not own["promoted"]
        judgement = Registry(root).judgement(own["name"], version.number)
        assert judgement is not None
        assert judgement.reason == own["reason"]
        assert read_deployment(root, own["name"]) is None


def test_the_report_stands_alone_with_the_verdict_first(done: tuple[Path, Outcome], result: dict[str, Any]) -> None:
    page = (done[0] / "out" / "report.html").read_text()
    assert page.count("<html") == 1
    assert "src=" not in page.split("<main>")[1].split("</main>")[0]
    body = page.split("<main>")[1]
    assert body.index(result["verdict"]["sentence"]) < body.index("<table")
    for place in ("walk-growth", "walk-reliability", "hold-growth", "edges", "weights"):
        assert f"id={place}" in page
    for word in ("mean_reversion", "edge below cost", "effective", "SHA-256", "bytes of tables", "Model log"):
        assert word in body


def test_its_journals_are_explained_and_replayed(done: tuple[Path, Outcome]) -> None:
    journals = done[0] / "out" / "journals"
    for name in ("walk-forward", "hold-out"):
        again = replay(journals / name)
        assert again.identical, again.difference


def test_a_second_look_is_refused_and_a_reopening_is_reported(
    hours: Path, done: tuple[Path, Outcome], tmp_path: Path
) -> None:
    folder, _ = done
    log = folder / "models" / "holdout.jsonl"
    before = log.read_bytes()
    second = call(*arguments(hours, folder, "--seed", "1"), "--json")
    assert second.code == 0, second.err
    assert second.json["hold_out"] == {"access": "refused", "looks_before": 2, "period": None}
    assert second.json["trials"] == 2
    assert "The hold-out was not opened." in second.json["verdict"]["sentence"]
    assert all(not model["judged"] for model in second.json["models"])
    assert log.read_bytes() == before
    third = call(*arguments(hours, folder, "--reopen-holdout", "--out", str(tmp_path / "out")))
    assert third.code == 0, third.err
    assert "no test any more" in third.out
    assert "no test any more" in (tmp_path / "out" / "report.html").read_text()
    lines = [json.loads(line) for line in log.read_bytes().splitlines()]
    assert [line["reopened"] for line in lines] == [False, False, True, True]


def test_existing_results_are_not_overwritten(hours: Path, done: tuple[Path, Outcome]) -> None:
    outcome = call(*arguments(hours, done[0], "--out", str(done[0] / "out")))
    assert (outcome.code, outcome.out) == (2, "")
    assert "is not empty" in outcome.err


def planted(folder: Path, path: Path, **settings: Any) -> Experiment:
    """An experiment on planted bars with cheap trading."""
    config = RunConfig.model_validate(
        {
            "data": {"path": path, "symbol": "PLANTUSDT", "market": "spot"},
            "strategy": {"settings": {"side": "both"}},
            "models": {"dir": folder / "models", "first_bars": 2_500, "retrain_bars": 3_000},
            "costs": {"fee_bps": 5.0, "slippage_bps": 1.0, "spread_bps": 0.5},
            "risk": {"profile": "permissive"},
            "account": {"size": 0.5},
        }
    )
    chosen = ExperimentSettings(training=SMALL, strategies=("ema_cross",), explained=0, draws=500, **settings)
    return run_experiment(config, chosen)


def test_a_planted_edge_is_found_and_its_model_promoted(tmp_path: Path) -> None:
    path = write_bars(planted_bars(12_000), tmp_path / "bars.parquet")
    experiment = planted(tmp_path, path, holdout_share=0.4)
    assert experiment.verdict.finding is Finding.EDGE, experiment.verdict.sentence
    (model,) = experiment.models
    assert model.promoted, model.reason
    deployed = read_deployment(tmp_path / "models", model.name)
    assert deployed is not None
    assert deployed.sha256 == model.sha256
    learned, pooled = experiment.walk_forward.money[0], experiment.walk_forward.forecasts[0]
    assert learned.sharpe_band is not None
    assert learned.sharpe_band.low > 0.0
    assert pooled.skill.brier < pooled.base_brier


def test_only_hold_out_figures_depend_on_the_hold_out(tmp_path: Path) -> None:
    bars = planted_bars(4_500)
    columns = bars.columns.copy()
    held = slice(round(4_500 * 0.85), None)
    columns[:, held] *= 1.5 + 0.1 * np.random.default_rng(0).random(columns[:, held].shape[1])
    result = []
    for name, own in (("a", bars), ("b", replace(bars, columns=columns))):
        folder = tmp_path / name
        folder.mkdir()
        experiment = planted(folder, write_bars(own, folder / "bars.parquet"), open_holdout=False)
        result.append(json.loads(to_json(experiment)))
    first, second = result
    assert first["data"][0].pop("holdout_sha256") != second["data"][0].pop("holdout_sha256")
    for each in result:
        del each["wall_clock"]
    assert first == second


def test_joined_models_are_parted_to_the_same_tables() -> None:
    artefact = train(planted_bars(2_000), SMALL).artefact
    models, nodes = artefact.tables["models"], artefact.tables["nodes"]
    parts = part(models, nodes)
    assert [len(each.nodes) > 0 for each in parts] == [False, True, False, False, False]
    again = join(parts)
    assert again[0].tobytes() == models.tobytes()
    assert again[1].tobytes() == nodes.tobytes()
