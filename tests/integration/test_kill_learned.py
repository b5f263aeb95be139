"""Paper run with a model that learns, under kill −9: resumed it ends with the same journal and the same state."""

import random
from pathlib import Path

import pytest
from tests.command_line import SEGMENT, json_of, kill_when, refusal, same_run, streams
from tests.learned_runs import SMALL, hours, learned_options

from quaestor.adapters.model_stores.deployed import Deployment, write_deployment
from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.adapters.sources.files.bars import load_bars
from quaestor.ports.journal import RecordKind
from quaestor.research.training.train import train


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    folder = tmp_path_factory.mktemp("learned")
    path = hours(folder, ["BTCUSDT"], "2023-03-01", "2023-07-01")
    schedule = "  first_bars: 900\n  retrain_bars: 700\n  validation_bars: 200"
    return ("paper", *learned_options(path, folder, ["BTCUSDT"], schedule), "--speed", "max", "--json")


@pytest.fixture(scope="module")
def uninterrupted(command: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    journal = tmp_path_factory.mktemp("uninterrupted") / "journal"
    json_of(*command, "--journal", journal)
    return journal


def checkpoints(journal: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (journal / "checkpoints").iterdir()}


def test_a_run_killed_again_and_again_ends_with_the_same_journal_and_state(
    command: tuple[str, ...], uninterrupted: Path, tmp_path: Path
) -> None:
    moments = random.Random(3)
    journal = tmp_path / "journal"
    size = (uninterrupted / SEGMENT).stat().st_size
    for target in sorted(moments.uniform(0.1, 0.8) * size for _ in range(4)):
        kill_when(command, journal, int(target), moments.uniform(0.0, 0.2), deadline_s=240.0)
        assert checkpoints(journal)
    resumed = json_of(*command, "--journal", journal)
    assert same_run(resumed) == same_run(json_of(*command, "--journal", uninterrupted))
    ended, expected = streams(journal), streams(uninterrupted)
    for kind in (RecordKind.DECISIONS, RecordKind.ORDERS, RecordKind.INBOUND, RecordKind.MODELS, RecordKind.CLOSE):
        assert ended[kind] == expected[kind], kind.name
    assert checkpoints(journal) == checkpoints(uninterrupted)
    assert len(checkpoints(journal)) == 3


def test_a_run_goes_on_with_the_model_it_began_with_whatever_was_promoted_since(tmp_path: Path) -> None:
    path = hours(tmp_path, ["BTCUSDT"], "2023-03-01", "2023-05-01")
    models, journal = tmp_path / "models", tmp_path / "journal"
    bars, store = load_bars(path, "BTCUSDT"), DirectoryModelStore(models)
    first, second = (store.put(train(bars.part(0, count), SMALL).artefact) for count in (700, 1_000))
    run = ("paper", "--data", path, "--symbol", "BTCUSDT", "--strategy", "learned", "--models", models,
           "--speed", "max", "--json", "--journal", journal)  # fmt: skip

    write_deployment(models, Deployment("BTCUSDT-spot-1h", 1, first, 0, "first"))
    whole = same_run(json_of(*run))
    segment = journal / SEGMENT
    complete = segment.read_bytes()
    segment.write_bytes(complete[: len(complete) // 2])

    write_deployment(models, Deployment("BTCUSDT-spot-1h", 2, second, 1, "second"))
    named = tmp_path / "other.yaml"
    named.write_text(f"models:\n  use:\n    BTCUSDT: {second}\n", encoding="utf-8")
    assert "models differ" in refusal(*run, "--config", named)
    assert same_run(json_of(*run)) == whole
    assert same_run(json_of(*run[:-1], tmp_path / "fresh")) != whole
