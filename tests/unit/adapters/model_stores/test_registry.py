"""The life of a model: registered, judged, promoted, rolled back; and what a run reads of it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from tests.unit.adapters.model_stores.artefacts import artefact

from quaestor.adapters.model_stores.deployed import Deployment, deployed_names, read_deployment, write_deployment
from quaestor.adapters.model_stores.directory import TABLES, DirectoryModelStore
from quaestor.adapters.model_stores.registry import DATABASE, Registry
from quaestor.adapters.model_stores.stages import Alias, Judgement, Stage, Version
from quaestor.errors import ModelError

NAME = "BTCUSDT-1h"
BETTER = Judgement(True, "it earned more", {"advantage": 0.02}, "")
WORSE = Judgement(False, "it earned less", {"advantage": -0.02}, "")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a registry without a model: making its tables takes seconds."""
    root = tmp_path_factory.mktemp("empty")
    address = DirectoryModelStore(root).put(artefact())
    Registry(root).register("other", artefact(), address, {})
    return root / DATABASE


@pytest.fixture
def root(tmp_path: Path, empty: Path) -> Path:
    (tmp_path / DATABASE).write_bytes(empty.read_bytes())
    return tmp_path


@pytest.fixture
def registry(root: Path) -> Registry:
    times: Iterator[int] = iter(range(1_700_000_000_000_000_000, 1_800_000_000_000_000_000, 10**9))
    return Registry(root, lambda: next(times))


def add(registry: Registry, root: Path, seed: int, sharpe: float = 1.0) -> Version:
    made = artefact(seed=seed)
    return registry.register(NAME, made, DirectoryModelStore(root).put(made), {"sharpe": sharpe})


def aliases(registry: Registry) -> dict[str, int]:
    return {alias: version.number for version in registry.versions(NAME) for alias in version.aliases}


def test_a_version_is_a_run_with_all_that_made_it(registry: Registry, root: Path) -> None:
    version = add(registry, root, 3)
    assert (version.name, version.number, version.aliases) == (NAME, 1, (Alias.CHALLENGER,))
    assert version.sha256 == DirectoryModelStore(root).put(artefact(seed=3))
    assert version.metrics == {"accuracy": 0.53, "log_loss": 0.69, "sharpe": 1.0}
    settings = version.settings
    assert (settings["seed"], settings["trials"], settings["settings.folds"]) == ("3", "12", "5")
    assert [settings[f"{kind}_sha256"] for kind in ("data", "features", "code")] == ["d" * 64, "f" * 64, "c" * 64]
    assert settings["features"] == '["rsi_14", "ema_20", "macd_12_26_9.hist"]'
    assert registry.version(NAME, 1) == registry.version(NAME, Alias.CHALLENGER) == version
    assert add(registry, root, 3) == version  # the same artefact again
    assert len(registry.history(NAME)) == 1
    assert registry.names() == (NAME, "other")


def test_settings_longer_than_mlflow_takes(registry: Registry, root: Path) -> None:
    made = artefact(settings=msgspec.json.encode({f"k{n}": "x" * 7000 for n in range(120)}).decode())
    version = registry.register(NAME, made, DirectoryModelStore(root).put(made), {f"m{n}": n for n in range(150)})
    assert version.settings["settings.k0"].startswith("sha256:")
    assert len(version.metrics) == 152


def test_promotion_and_rollback(registry: Registry, root: Path) -> None:
    one, two, three = (add(registry, root, seed) for seed in (1, 2, 3))
    assert registry.champion(NAME) is None
    assert read_deployment(root, NAME) is None
    assert aliases(registry) == {"challenger": 3}
    registry.promote(NAME, 1, BETTER)
    assert aliases(registry) == {"challenger": 3, "champion": 1}
    assert registry.promote(NAME, 3, BETTER).aliases == (Alias.CHAMPION,)
    assert aliases(registry) == {"champion": 3, "previous": 1}
    deployed = read_deployment(root, NAME)
    assert deployed is not None
    assert (deployed.sha256, deployed.version, deployed.reason) == (three.sha256, 3, "it earned more")
    back = registry.rollback(NAME, "it lost more than it should", {"statistic": 9.0})
    assert (back.sha256, aliases(registry)) == (one.sha256, {"champion": 1})
    deployed = read_deployment(root, NAME)
    assert deployed is not None
    assert (deployed.sha256, deployed.reason) == (one.sha256, "it lost more than it should")
    with pytest.raises(ModelError, match="nothing was in use before"):
        registry.rollback(NAME, "again")
    stages = [(line.stage, line.version, line.reason, line.figures) for line in registry.history(NAME)][3:]
    assert stages == [
        (Stage.PROMOTED, 1, "it earned more", {"advantage": 0.02}),
        (Stage.PROMOTED, 3, "it earned more", {"advantage": 0.02}),
        (Stage.ROLLED_BACK, 1, "it lost more than it should", {"statistic": 9.0}),
    ]
    stamps = [line.ts for line in registry.history(NAME)]
    assert stamps == sorted(set(stamps))
    assert deployed.ts == stamps[-1]
    assert two.sha256 in {version.sha256 for version in Registry(root).versions(NAME)}


def test_a_judgement_is_kept_and_heeded(registry: Registry, root: Path) -> None:
    add(registry, root, 1)
    assert registry.judgement(NAME, 1) is None
    for judgement in (BETTER, WORSE):
        registry.judge(NAME, 1, judgement)
    assert registry.judgement(NAME, 1) == WORSE
    with pytest.raises(ModelError, match="is not promoted: it earned less"):
        registry.promote(NAME, 1, WORSE)
    assert registry.champion(NAME) is None
    registry.promote(NAME, 1, Judgement(False, "I know better", {}), forced=True)
    last = registry.history(NAME)[-1]
    assert (last.stage, last.forced, last.reason) == (Stage.PROMOTED, True, "I know better")


def test_promoting_the_champion_again_mends_what_runs_read(registry: Registry, root: Path) -> None:
    add(registry, root, 1)
    registry.promote(NAME, 1, BETTER)
    before = read_deployment(root, NAME)
    path = root / "deployed" / f"{NAME}.json"
    path.unlink()
    registry.promote(NAME, 1, WORSE)
    assert read_deployment(root, NAME) == before
    assert [line.stage for line in registry.history(NAME)] == [Stage.REGISTERED, Stage.PROMOTED]


def test_compare(registry: Registry, root: Path) -> None:
    add(registry, root, 1, sharpe=1.0)
    add(registry, root, 2, sharpe=1.5)
    compared = registry.compare(NAME, 1, 2)
    assert compared.metrics["sharpe"] == (1.0, 1.5)
    assert compared.settings == {"seed": ("1", "2")}


def test_nothing_damaged_is_promoted(registry: Registry, root: Path) -> None:
    version = add(registry, root, 1)
    (root / version.sha256 / TABLES).write_bytes(b"")
    with pytest.raises(ModelError, match=TABLES):
        registry.promote(NAME, 1, BETTER)
    assert registry.champion(NAME) is None
    assert deployed_names(root) == ()


def test_what_is_not_there(registry: Registry, root: Path) -> None:
    with pytest.raises(ModelError, match="no model 'ETHUSDT' — there are: other"):
        registry.versions("ETHUSDT")
    add(registry, root, 1)
    with pytest.raises(ModelError, match="has no version 2 — there are: 1"):
        registry.version(NAME, 2)
    with pytest.raises(ModelError, match="has no version champion"):
        registry.version(NAME, Alias.CHAMPION)
    with pytest.raises(ModelError, match="no such model"):
        registry.register(NAME, artefact(), "0" * 64, {})
    for name in ("../x", "", "a/b", ".hidden", "a" * 101):
        with pytest.raises(ModelError, match="is no name of a model"):
            registry.register(name, artefact(), "0" * 64, {})
        with pytest.raises(ModelError, match="is no name of a model"):
            read_deployment(root, name)


def test_a_folder_without_a_registry_stays_as_it_is(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    assert registry.names() == ()
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_text("a shopping list that is long enough")
    with pytest.raises(ModelError, match="is no SQLite file"):
        Registry(tmp_path).names()


def test_a_deployment_that_cannot_be_read(tmp_path: Path) -> None:
    good = Deployment(NAME, 1, "a" * 64, 5, "because")
    write_deployment(tmp_path, good)
    assert read_deployment(tmp_path, NAME) == good
    assert deployed_names(tmp_path) == (NAME,)
    path = tmp_path / "deployed" / f"{NAME}.json"
    for content, says in (
        (b"{", "cannot be read"),
        (msgspec.json.encode(msgspec.structs.replace(good, format=2)), "update quaestor"),
        (msgspec.json.encode(msgspec.structs.replace(good, name="ETH")), "names the model ETH"),
        (msgspec.json.encode(msgspec.structs.replace(good, sha256="../../x")), "is no SHA-256"),
    ):
        path.write_bytes(content)
        with pytest.raises(ModelError, match=says):
            read_deployment(tmp_path, NAME)


def test_no_network_and_nothing_written_elsewhere(tmp_path: Path, empty: Path) -> None:
    """A process without sockets, in a folder and a home of its own, with telemetry asked for."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / DATABASE).write_bytes(empty.read_bytes())
    code = f"""
import socket, sys, tempfile
from pathlib import Path
def refuse(*_, **__): raise SystemExit("a socket was opened")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
from tests.unit.adapters.model_stores.artefacts import artefact
from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.adapters.model_stores.registry import Registry
from quaestor.adapters.model_stores.stages import Judgement
root = Path("../models")
registry = Registry(root)
registry.register("{NAME}", artefact(), DirectoryModelStore(root).put(artefact()), {{"sharpe": 1.0}})
registry.promote("{NAME}", 1, Judgement(True, "why not", {{}}))
from mlflow.telemetry.utils import is_telemetry_disabled
assert is_telemetry_disabled()
"""
    here, home, scratch = (tmp_path / name for name in ("here", "home", "scratch"))
    for folder in (here, home, scratch):
        folder.mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW", "DO_NOT", "CI", "PYTEST"))}
    environment |= {
        "HOME": str(home),
        "TMPDIR": str(scratch),
        "MLFLOW_DISABLE_TELEMETRY": "false",
        "PYTHONPATH": os.pathsep.join(sys.path),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=here, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [list(folder.rglob("*")) for folder in (here, home, scratch)] == [[], [], []]
    version = Registry(tmp_path / "models").champion(NAME)
    assert version is not None
    written = {path.name for path in (tmp_path / "models").iterdir()}
    assert written == {DATABASE, "deployed", version.sha256}
    back = DirectoryModelStore(tmp_path / "models").get(version.sha256)
    np.testing.assert_array_equal(back.tables["nodes"], artefact().tables["nodes"])
