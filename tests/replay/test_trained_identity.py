"""Trained models exchanged during a run: backtest, paper and replay agree to the byte, models included."""

from pathlib import Path

import msgspec
import pytest
from tests.command_line import json_of, same_run, streams
from tests.learned_runs import hours, learned_options

from quaestor.ports.journal import RecordKind
from quaestor.runtime.models.log import ModelLogEntry, read_entries

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    folder = tmp_path_factory.mktemp("learned")
    path = hours(folder, SYMBOLS, "2023-03-01", "2023-07-01")
    schedule = "  first_bars: 900\n  retrain_bars: 700\n  validation_bars: 200"
    return learned_options(path, folder, SYMBOLS, schedule)


def entries(journal: Path) -> list[ModelLogEntry]:
    return read_entries(streams(journal)[RecordKind.MODELS].splitlines())


def test_modes_and_replay_agree_when_models_are_trained_on_the_way(options: tuple[str, ...], tmp_path: Path) -> None:
    tested = json_of("backtest", *options, "--journal", tmp_path / "b", "--json")
    traded = json_of("paper", *options, "--journal", tmp_path / "p", "--speed", "max", "--json")
    assert same_run(tested) == same_run(traded)
    assert tested["trades"] > 10
    one, other = streams(tmp_path / "b"), streams(tmp_path / "p")
    for kind in (RecordKind.DECISIONS, RecordKind.MODELS):
        assert one[kind] == other[kind], kind.name
    for journal in ("b", "p"):
        assert json_of("replay", tmp_path / journal, "--json")["identical"] is True
    asked = [entry.asked for entry in entries(tmp_path / "b") if entry.asked is not None]
    assert {request.instrument for request in asked} == {0, 1, 2}
    assert [request.bar for request in asked if request.instrument == 1 and request.reason == "schedule"] == [
        1600,
        2300,
    ]
    for figures in tested["learning"]:
        own = [request for request in asked if SYMBOLS[request.instrument] == figures["symbol"]]
        assert figures["asked"]["start"] == 1
        assert sum(figures["asked"].values()) + figures["rolled_back"] == len(own)
        assert figures["promoted"] + figures["kept"] == sum(figures["asked"].values())
        assert figures["pooled"]["outcomes"] > 1000
        assert {score["model"] for score in figures["models"]} >= {"logistic", "sgd", "passive_aggressive"}
    assert msgspec.json.decode(msgspec.json.encode(tested["learning"]))
