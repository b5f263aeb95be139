"""`quaestor models` on a folder of models: what it shows, what it changes and what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests import learned
from tests.command_line import call, json_of, refusal
from tests.unit.adapters.model_stores.artefacts import artefact

from quaestor.adapters.model_stores.deployed import read_deployment
from quaestor.adapters.model_stores.directory import MANIFEST, DirectoryModelStore
from quaestor.adapters.model_stores.registry import DATABASE, Registry
from quaestor.adapters.model_stores.stages import Judgement
from quaestor.domain.artefact import Artefact
from quaestor.features.catalog import CATALOG
from quaestor.runtime.models.definitions import code_sha256, features_sha256
from quaestor.runtime.models.load import load_deployed, model_features

NAME = "BTCUSDT-1h"


def fitting(seed: int, **changes: Any) -> Artefact:
    """Return an artefact whose features are those of this program."""
    digest = features_sha256(model_features(artefact().manifest), CATALOG)
    return artefact(None, **({"seed": seed, "features_sha256": digest} | changes))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write three versions: the first judged better than nothing, the second worse than that, the third of other
    features."""
    root = tmp_path_factory.mktemp("models")
    registry, store = Registry(root), DirectoryModelStore(root)
    for seed, changes in ((1, {}), (2, {}), (3, {"features_sha256": "0" * 64, "code_sha256": code_sha256()})):
        made = fitting(seed, **changes)
        registry.register(NAME, made, store.put(made), {"sharpe": seed / 10})
    registry.judge(NAME, 1, Judgement(True, "it grew", {"advantage": 0.1}))
    registry.judge(NAME, 2, Judgement(False, "it did not grow", {"advantage": -0.1}))
    return root


@pytest.fixture
def root(template: Path, tmp_path: Path) -> Path:
    for path in template.rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(template)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return tmp_path


def models(command: str, *arguments: object, root: Path) -> tuple[object, ...]:
    return ("models", command, *arguments, "--models", root)


def test_list_shows_every_version_and_its_judgement(root: Path) -> None:
    listing = json_of(*models("list", "--json", root=root))
    assert [(v["name"], v["number"], v["aliases"]) for v in listing["versions"]] == [
        (NAME, 1, []),
        (NAME, 2, []),
        (NAME, 3, ["challenger"]),
    ]
    assert listing["versions"][0]["metrics"]["sharpe"] == 0.1
    assert listing["warnings"] == []
    shown = call(*models("list", root=root))
    assert (shown.code, shown.err) == (0, "")
    assert "not better" in shown.out
    assert json_of(*models("list", "--json", root=root / "nothing")) == {"versions": [], "warnings": []}
    assert not (root / "nothing").exists()


def test_promote_and_roll_back(root: Path) -> None:
    done = json_of(*models("promote", NAME, 1, "--json", root=root))
    assert (done["done"], done["version"], done["reason"]) == (True, 1, "it grew")
    loaded = load_deployed(root, NAME, CATALOG)
    assert (loaded.sha256, loaded.notes) == (done["sha256"], ())
    refused = call(*models("promote", NAME, 2, root=root))
    assert (refused.code, refused.out) == (1, "")
    assert "not promoted: it was measured against holding nothing, not against what is in use now" in refused.err
    forced = call(*models("promote", NAME, 2, "--force", "--reason", "a trial", root=root))
    assert (forced.code, forced.err) == (0, "")
    assert "version 2 is in use: a trial" in forced.out
    assert refusal(*models("rollback", NAME, "--reason", " ", root=root)).startswith("models rollback: no reason")
    back = json_of(*models("rollback", NAME, "--reason", "it lost", "--json", root=root))
    assert (back["version"], back["sha256"]) == (1, done["sha256"])
    deployed = read_deployment(root, NAME)
    assert deployed is not None
    assert (deployed.version, deployed.reason) == (1, "it lost")
    assert "nothing was in use before" in refusal(*models("rollback", NAME, "--reason", "more", root=root))
    history = json_of(*models("show", NAME, "--json", root=root))["history"]
    assert [(line["stage"], line["forced"]) for line in history][-3:] == [
        ("promoted", False),
        ("promoted", True),
        ("rolled_back", False),
    ]


def test_what_was_judged_worse_is_refused_with_its_reason(root: Path) -> None:
    outcome = call(*models("promote", NAME, 2, "--json", root=root))
    assert outcome.code == 1
    assert json.loads(outcome.out)["reason"] == "it did not grow"
    assert not (root / "deployed").exists()
    assert "--force without a reason" in refusal(*models("promote", NAME, 2, "--force", root=root))


def test_changed_features_are_refused_and_noted_when_let_pass(root: Path) -> None:
    assert "changed since it was trained — train it again" in refusal(*models("promote", NAME, 3, root=root))
    allowed = ("--allow-changed-features", "--force", "--reason", "known")
    done = json_of(*models("promote", NAME, 3, *allowed, "--json", root=root))
    assert done["reason"].startswith("known; model ")
    assert done["reason"].endswith("its features were changed since it was trained")


def test_a_version_that_was_never_judged_is_refused(root: Path) -> None:
    outcome = call(*models("promote", NAME, 3, "--allow-changed-features", root=root))
    assert outcome.code == 1
    assert "it was never measured against the champion" in outcome.err


def test_a_deployment_that_disagrees_is_warned_about_and_mended(root: Path) -> None:
    json_of(*models("promote", NAME, 1, "--json", root=root))
    path = root / "deployed" / f"{NAME}.json"
    good = path.read_bytes()
    path.unlink()
    outcome = call(*models("list", root=root))
    assert outcome.code == 0
    assert "runs use none, and the registry's champion is 1" in outcome.err
    path.write_bytes(b"{}")
    assert "cannot be read" in json_of(*models("list", "--json", root=root))["warnings"][0]
    json_of(*models("promote", NAME, 1, "--json", root=root))
    assert path.read_bytes() == good
    (path.parent / "ETHUSDT.json").write_bytes(good.replace(NAME.encode(), b"ETHUSDT"))
    assert "model ETHUSDT: runs use version 1, and the registry has no champion" in call(*models("list", root=root)).err


def test_show_holds_manifest_tables_and_history(root: Path) -> None:
    shown = json_of(*models("show", NAME, "--version", 1, "--json", root=root))
    assert (shown["features"], shown["code"]) == ("the same", "another version of the program")
    assert shown["manifest"]["symbol"] == "BTCUSDT"
    assert {table["name"]: table["shape"] for table in shown["tables"]} == {"models": [2], "nodes": [3], "regime": [2]}
    newest = json_of(*models("show", NAME, "--json", root=root))
    assert (newest["version"]["number"], newest["features"]) == (3, "changed since: train it again")
    assert newest["code"] == "the same"
    by_address = json_of(*models("show", shown["sha256"], "--json", root=root))
    assert (by_address["version"], by_address["manifest"]) == (None, shown["manifest"])
    text = call(*models("show", NAME, "--version", 2, root=root))
    assert (text.code, text.err) == (0, "")
    for part in ("BTCUSDT spot 1h", "— the same", "sharpe", "threshold value cover", "it did not grow"):
        assert part in text.out


def test_show_lists_bytes_and_measures_times_on_request(root: Path) -> None:
    """Bytes are always the same; times are measured on request, of models that can be called."""
    folder, sha256 = learned.trained()
    shown = json_of(*models("show", sha256, "--json", root=folder))
    assert shown == json_of(*models("show", sha256, "--json", root=folder))
    assert [own["name"] for own in shown["memory"]] == shown["manifest"]["models"]
    assert all(own["table_bytes"] > 0 and own["state_bytes"] > 60_000 for own in shown["memory"])
    assert shown["times"] == []
    timed = json_of(*models("show", sha256, "--time", "--json", root=folder))
    assert (timed["memory"], len(timed["times"])) == (shown["memory"], 5)
    text = call(*models("show", sha256, "--time", root=folder)).out
    for part in ("bytes of state", "rows a CPU-second", "passive_aggressive", "all together, calibrated and pooled"):
        assert part in text
    strange = json_of(*models("list", "--json", root=root))["versions"][0]["sha256"]
    assert json_of(*models("show", strange, "--json", root=root))["memory"] == []
    assert "model: has no table 'scaler' — train it again" in refusal(*models("show", strange, "--time", root=root))


def test_a_feature_that_is_gone_is_named(root: Path) -> None:
    gone = fitting(9, features=("rsi_14", "ema_20", "own_thing_5"))
    address = DirectoryModelStore(root).put(gone)
    assert "own_thing" in json_of(*models("show", address, "--json", root=root))["features"]


def test_compare_pairs_figures_and_settings(root: Path) -> None:
    compared = json_of(*models("compare", NAME, 1, 2, "--json", root=root))
    assert compared["metrics"]["sharpe"] == [0.1, 0.2]
    assert compared["settings"] == {"seed": ["1", "2"]}
    text = call(*models("compare", NAME, 1, 2, root=root))
    assert (text.code, text.err) == (0, "")
    assert "+0.1" in text.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("list", "ETHUSDT"), "no model 'ETHUSDT'"),
        (("show", "../x"), "is no name of a model"),
        (("show", "0" * 64), "no such model"),
        (("show", NAME, "--version", 7), "has no version 7 — there are: 1, 2, 3"),
        (("compare", NAME, 1, 7), "has no version 7"),
        (("promote", NAME, 7), "has no version 7"),
        (("rollback", NAME, "--reason", "x"), "nothing was in use before"),
    ],
)
def test_unknown_models_and_missing_reasons_are_refused(root: Path, arguments: tuple[object, ...], says: str) -> None:
    assert says in refusal(*models(arguments[0], *arguments[1:], root=root))  # type: ignore[arg-type]


def test_a_damaged_model_or_registry_is_one_error(root: Path) -> None:
    address = json_of(*models("list", "--json", root=root))["versions"][0]["sha256"]
    (root / address / MANIFEST).write_bytes(b"{}")
    assert f"{address}/{MANIFEST}: is not what it was" in refusal(*models("promote", NAME, 1, root=root))
    (root / DATABASE).write_bytes(b"no database at all, really")
    assert "is no SQLite file" in refusal(*models("list", root=root))


def test_the_environment_names_the_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUAESTOR_MODELS", str(root))
    assert len(json_of("models", "list", "--json")["versions"]) == 3
