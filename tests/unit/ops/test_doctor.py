"""Machine check: `quaestor doctor` and its single checks."""

import json
import os
from pathlib import Path

import pytest

from quaestor.cli import app as cli_app
from quaestor.ops import doctor as diagnosis
from quaestor.ops.doctor import Health


def test_this_machine_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli_app.run(["doctor", "--dir", str(tmp_path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    checks = {check["name"]: check for check in found["checks"]}
    assert len(checks) == 12
    assert found["health"] in ("ok", "warn")
    assert "numpy" in checks["dependencies"]["found"]
    assert "µs of 50" in checks["fdatasync"]["found"]
    assert list(tmp_path.iterdir()) == []


def test_the_table_names_every_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli_app.run(["doctor", "--dir", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    for name in ("python", "memory", "kernel cache", "clock", "terminal"):
        assert name in printed


def test_an_unwritable_directory_fails_with_a_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    assert cli_app.run(["doctor", "--dir", str(tmp_path / "file"), "--json"]) == 1
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    for name in ("data directory", "fdatasync"):
        assert checks[name]["health"] == "fail"
        assert checks[name]["remedy"] == "choose a directory that can be written"


def test_the_kernel_cache_must_be_writable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from quaestor.jit.cache import cache_root

    (tmp_path / "file").write_text("in the way")
    monkeypatch.setitem(os.environ, "QUAESTOR_CACHE_DIR", str(tmp_path / "file" / "cache"))
    cache_root.cache_clear()
    try:
        finding = diagnosis.check_kernel_cache()
    finally:
        cache_root.cache_clear()
    assert finding.health is Health.FAIL
    assert "QUAESTOR_CACHE_DIR" in finding.remedy


@pytest.mark.parametrize(
    ("have", "health"),
    [("2.1.0", Health.OK), ("2.10", Health.OK), ("2.0.9", Health.FAIL), (None, Health.FAIL), ("3.0rc1", Health.OK)],
)
def test_versions_are_compared_by_number(have: str | None, health: Health) -> None:
    finding = diagnosis.compare_requirements(["numpy>=2.1", 'pytest>=99; extra == "test"'], lambda _: have)
    assert finding.health is health
    assert "pytest" not in finding.found


def test_extras_are_told_apart_and_none_is_a_failure() -> None:
    wanted = [
        "numpy>=2",
        "plotly>=5; extra == 'report'",
        "matplotlib>=3; extra == 'report'",
        "arch>=7; extra == 'train'",
    ]
    finding = diagnosis.compare_extras([*wanted, "pytest>=8; extra == 'test'"], {"plotly": "7", "arch": "8"}.get)
    assert finding.health is Health.OK
    assert finding.found == "train; report (lacks matplotlib)"
    assert diagnosis.compare_extras(["numpy>=2"], lambda _: None).found == "none"
