"""`quaestor features select`: its output, its refusals, and that `compute` reads its file."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.command_line import call, refusal
from tests.contract.market import random_columns
from tests.slices import HOURS

from quaestor.adapters import optional as extras
from quaestor.analysis.forecasts.labels import Barrier
from quaestor.cli.features import select as features_select
from quaestor.cli.features.select import names_in_file
from quaestor.errors import ConfigError
from quaestor.features.candidates import candidates
from quaestor.features.catalog import CATALOG, parse_feature
from quaestor.features.feature import FeatureInstance
from quaestor.research.selection import select as selecting

ROWS = 3_000
SHORT = ("--horizon", "4", "--folds", "2", "--windows", "1", "--count", "3", "--timeframes", "5m")


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limit the candidates to one family."""

    def momentum(**given: object) -> list[FeatureInstance]:
        family = [feature for feature in CATALOG if feature.family == "momentum"]
        return candidates(catalog=family, speeds=(1.0,), **given)  # type: ignore[arg-type]

    monkeypatch.setattr(selecting, "candidates", momentum)


@pytest.fixture
def data(tmp_path: Path) -> tuple[str, ...]:
    """Options that name a file of minutes."""
    names = ("open", "high", "low", "close", "volume")
    stamps = 1_700_000_100_000_000_000 + np.arange(ROWS) * 60_000_000_000
    path = tmp_path / "BTCUSDT_1m.parquet"
    pl.DataFrame({"ts": stamps} | dict(zip(names, random_columns(ROWS)[:5], strict=True))).write_parquet(path)
    return ("--data", str(path), "--symbol", "BTCUSDT")


def test_json_alone_on_stdout_and_the_same_in_the_file(data: tuple[str, ...], tmp_path: Path) -> None:
    out = tmp_path / "deep" / "selection.json"
    outcome = call("features", "select", *data, *SHORT, "--out", out, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    printed = outcome.json
    assert printed == json.loads(out.read_text())
    assert printed["features"] == [chosen["name"] for chosen in printed["chosen"]]
    assert [parse_feature(name).name for name in printed["features"]] == printed["features"]
    assert (printed["training_rows"], printed["test_rows"]) == (2_400, 600)
    assert (printed["settings"]["timeframes"], printed["settings"]["horizon"]) == (["5m"], 4)
    before = out.read_bytes()
    assert call("features", "select", *data, *SHORT, "--out", out).code == 0
    assert out.read_bytes() == before


def test_a_table_shows_the_skill_beside_the_base_rate(data: tuple[str, ...]) -> None:
    outcome = call("features", "select", *data, *SHORT)
    assert outcome.code == 0
    assert "3 of " in outcome.out
    for word in ("stability", "represents", "base rate", "never seen", "were not looked at"):
        assert word in outcome.out
    warnings = call("features", "select", *data, *SHORT, "--json").json["warnings"]
    assert warnings  # nothing is to be known about a random walk
    assert " ".join(outcome.err.split()).endswith(" ".join(f"warning: {warning}" for warning in warnings))


def test_compute_takes_the_file(data: tuple[str, ...], tmp_path: Path) -> None:
    chosen, table = tmp_path / "selection.json", tmp_path / "features.parquet"
    printed = call("features", "select", *data, *SHORT, "--out", chosen, "--json").json
    outcome = call("features", "compute", *data, "--features", f"@{chosen}", "--out", table)
    assert outcome.code == 0, outcome.err
    assert pl.read_parquet(table).columns == ["ts", *printed["features"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: No such file"),
        ("rsi_14\n", "is no JSON"),
        ("[1, 2]", "no list of names under 'features'"),
        ('{"features": "rsi_14"}', "no list of names under 'features'"),
        ('{"features": [14]}', "no list of names under 'features'"),
        ("\xff\xfe", "is no JSON"),
    ],
)
def test_a_file_that_is_no_selection_is_one_clear_error(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "selection.json"
    if text is not None:
        path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=message):
        names_in_file(path)


def test_names_in_the_file_are_checked_like_any(data: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "selection.json"
    for names, message in ((["rsi_14", "rsi_14"], "named twice"), ([], "no feature named"), (["rsy"], "did you mean")):
        path.write_text(json.dumps({"features": names}))
        outcome = call("features", "compute", *data, "-f", f"@{path}", "-o", tmp_path / "x.parquet")
        assert outcome.code == 2
        assert message in outcome.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--out", "selection.csv"), "use .json"),
        (("--out", "folder.json"), "is a folder"),
        (("--horizon", "5", "--barrier", "1,1,5"), "leave one out"),
        (("--barrier", "1,1"), "'1,1' is no barrier"),
        (("--barrier", "1,1,5,0,0"), "is no barrier"),
        (("--barrier", "1,-1,5"), "multiples above 0"),
        (("--horizon", "0"), "1 row ahead or more"),
        (("--count", "0"), "1 or more"),
        (("--folds", "1"), "2 or more"),
        (("--test-share", "1"), "below 1"),
        (("--timeframes", "7x"), "is no timeframe"),
        (("--timeframes", "90s", "--horizon", "4"), "cannot be built from 1m bars"),
        (("--horizon", "900"), "labelled samples, 200 needed"),
    ],
)
def test_mistakes_are_one_clear_error(
    data: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.json").mkdir()
    before = sorted(tmp_path.rglob("*"))
    assert message in refusal("features", "select", *data, *options)
    assert sorted(tmp_path.rglob("*")) == before


def test_without_the_extra_the_error_names_it(data: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(f"No module named '{name}'")

    monkeypatch.setattr(extras, "import_module", absent)
    assert "pip install 'quaestor[train]'" in refusal("features", "select", *data)


def test_barriers_are_read() -> None:
    assert features_select._horizon(None, "1,2,48") == Barrier(1.0, 2.0, 48)
    assert features_select._horizon(None, "inf,2.5,48,0.001") == Barrier(float("inf"), 2.5, 48, 0.001)
    assert features_select._horizon(None, None) == 12


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(1, ("5m", "15m")), (15, ("1h", "4h")), (45, ("1d", "1w")), (60, ("4h", "1d")), (1_440, ("1w",))],
)
def test_two_longer_timeframes_by_default(minutes: int, expected: tuple[str, ...]) -> None:
    assert features_select._timeframes(None, minutes * 60_000_000_000) == expected
    assert features_select._timeframes("", minutes) == ()
    assert features_select._timeframes(" 1h,4h,1h ", minutes) == ("1h", "4h")


def test_side_data_brings_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    def cross_asset(**given: object) -> list[FeatureInstance]:
        family = [feature for feature in CATALOG if feature.family == "cross_asset"]
        return candidates(catalog=family, speeds=(1.0,), **given)  # type: ignore[arg-type]

    monkeypatch.setattr(selecting, "candidates", cross_asset)
    common = ("features", "select", "--data", HOURS, "--symbol", "SOLUSDT", "--to", "2023-09-01", *SHORT[:-2], "--json")
    printed = call(*common, "--timeframes", "", "--benchmark", "BTCUSDT").json
    assert printed["candidates"] > 5
    assert {parse_feature(name).feature.family for name in printed["features"]} == {"cross_asset"}
    refused = call(*common, "--benchmark", "XYZUSDT")
    assert refused.code == 2
    assert "unknown symbol" in refused.err
