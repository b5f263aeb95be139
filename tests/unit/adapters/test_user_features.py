"""Features of users: found by path, environment and installed package, each once; refused with file and line."""

import os
import sys
from pathlib import Path

import pytest

from quaestor.adapters.user_features import load_user_features
from quaestor.errors import ConfigError, UsageError

SIMPLE = '''
from quaestor.domain.parameter import Integer
from quaestor.features.define import feature
{imports}

@feature(Integer("length", 14, 2, 500, "bars"), units="ratio")
def {name}(close):
    """Text."""
    return {value}
'''
FULL = """
import numpy as np
from quaestor.domain.parameter import always
from quaestor.features.catalog import CATALOG
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel

@kernel
def advance(state, params, columns, out, i, n):
    for k in range(i, n):
        x = columns[3, k]
        out[0, k] = 2.0 * x if x - x == 0.0 else np.nan

OWN = [Feature(name="{name}", family="user", doc="doc", units="quote", source="me", inputs=(3,), outputs=("{name}",),
    parameters=(), advance=advance, state_dtype=always(np.dtype([("unused", "<i8")])), warmup=always(0))]
"""


def write(path: Path, name: str, *, text: str = SIMPLE, imports: str = "", value: str = "close[-1]") -> Path:
    """A file with one feature."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.format(name=name, imports=imports, value=value))
    return path


def names(*paths: Path, environment: dict[str, str] | None = None) -> list[str]:
    """Of the features that are found."""
    return [feature.name for feature in load_user_features(paths, environment or {})]


def refusal(*paths: Path) -> str:
    """The message of a refusal."""
    with pytest.raises(ConfigError) as caught:
        load_user_features(paths, {})
    return str(caught.value)


def test_a_file_of_either_kind(tmp_path: Path) -> None:
    simple, full = write(tmp_path / "a.py", "own_a"), write(tmp_path / "b.py", "own_b", text=FULL)
    found = load_user_features([simple, full], {})
    assert [(feature.name, feature.origin) for feature in found] == [("own_a", str(simple)), ("own_b", str(full))]


def test_a_folder_is_its_files_but_those_with_an_underscore(tmp_path: Path) -> None:
    write(tmp_path / "b.py", "own_b", text=FULL)
    write(tmp_path / "a.py", "own_a")
    write(tmp_path / "_c.py", "own_c")
    write(tmp_path / "deeper" / "d.py", "own_d")
    assert names(tmp_path) == ["own_a", "own_b"]


def test_the_environment_names_files_and_folders(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.py", "own_a"), write(tmp_path / "deeper" / "b.py", "own_b")
    environment = {"QUAESTOR_FEATURES": f"{second.parent}{os.pathsep}{first}"}
    assert names(environment=environment) == ["own_b", "own_a"]
    assert names(first, environment=environment) == ["own_b", "own_a"]
    assert names() == []


def test_files_import_what_stands_beside_them(tmp_path: Path) -> None:
    folder_before = list(sys.path)
    write(tmp_path / "helper_of_user.py", "own_helped")
    user = write(tmp_path / "a.py", "own_a", imports="from helper_of_user import own_helped")
    assert sorted(names(user)) == ["own_a", "own_helped"]
    assert sorted(names(tmp_path)) == ["own_a", "own_helped"]  # met twice, one definition
    assert sys.path == folder_before


def test_an_edit_is_seen(tmp_path: Path) -> None:
    path = write(tmp_path / "a.py", "own_a")
    (first,) = load_user_features([path], {})
    assert load_user_features([path], {}) == (first,)
    write(path, "own_a", value="close[+0]")
    (second,) = load_user_features([path], {})
    assert second.advance is not first.advance


@pytest.mark.parametrize(
    "target", ["own_package_{k}.features", "own_package_{k}.features:own_e", "own_package_{k}:ALL"]
)
def test_an_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    package = f"own_package_{abs(hash(target))}"
    write(tmp_path / package / "features.py", "own_e")
    (tmp_path / package / "__init__.py").write_text("from .features import own_e\nALL = [own_e]\n")
    info = tmp_path / "own_package-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: own-package\nVersion: 1.0\n")
    entry = target.replace("own_package_{k}", package)
    (info / "entry_points.txt").write_text(f"[quaestor.features]\nmine = {entry}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    (found,) = load_user_features((), {})
    assert (found.name, found.origin) == ("own_e", str(tmp_path / package / "features.py"))
    (info / "entry_points.txt").write_text(f"[quaestor.features]\nmine = {package}:nothing\n")
    with pytest.raises(ConfigError, match=f"{package}.*nothing"):
        load_user_features((), {})
    (info / "entry_points.txt").write_text("[quaestor.features]\nmine = os:sep\n")
    with pytest.raises(ConfigError, match="entry point mine = os:sep: gives no features"):
        load_user_features((), {})


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("\ndef x(:\n", 2, "SyntaxError: invalid syntax"),
        ("\n\nimport no_such_module\n", 3, "ModuleNotFoundError: No module named 'no_such_module'"),
        ("def f():\n    return 1 / 0\n\nf()\n", 2, "ZeroDivisionError"),
        ("import sys\nsys.exit(3)\n", 2, "SystemExit: 3"),
        ("import json\njson.loads('{')\n", 2, "JSONDecodeError"),
        (SIMPLE.format(name="rsi", imports="", value="close[0]"), 6, "there is a feature rsi in the catalogue already"),
        (SIMPLE.format(name="a_3", imports="", value="close[0]"), 6, "'a_3_14' is no name for a feature"),
        (
            SIMPLE.format(name="a", imports="", value="close[0]").replace("a(close)", "a(x)"),
            6,
            "argument x means nothing",
        ),
        (FULL.format(name="Large"), 0, "'Large' is no name for a feature"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = tmp_path / "bad.py"
    path.write_text(text)
    message = refusal(path)
    assert message.startswith(f"{path}:{line}: " if line else f"{path}: ")
    assert said in message


def test_two_files_with_one_name(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.py", "own_a"), write(tmp_path / "b.py", "own_a", text=FULL)
    assert refusal(first, second).startswith(f"{second}:8: there is a feature own_a in {first}:6 already")


def test_nothing_there(tmp_path: Path) -> None:
    assert "no such file or folder" in refusal(tmp_path / "absent.py")
    assert "no Python file in this folder" in refusal(tmp_path)


def test_every_refusal_is_one_of_usage() -> None:
    assert issubclass(ConfigError, UsageError)
