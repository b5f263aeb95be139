"""Definition digest: it changes with what a feature computes, and with nothing else."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from quaestor.adapters.user_features import load_user_features
from quaestor.errors import UnknownNameError
from quaestor.features.catalog import CATALOG
from quaestor.features.interpreted import interpret
from quaestor.features.sets import FEATURE_SETS
from quaestor.jit.cache import PACKAGE
from quaestor.runtime.models.definitions import code_sha256, features_sha256

OWN = '''
import numpy as np
from helper import halve
from quaestor.domain.parameter import Integer
from quaestor.features.define import feature

TABLE = np.array([1.0, 2.0])
TWICE = lambda x: 2.0 * x

@feature(Integer("length", 14, 2, 500, "bars"), units="quote")
def own_mean(close):
    """Text."""
    return halve(TWICE(close.mean())) * TABLE[0]
'''
HELPER = """
import math

def halve(x):
    return x / FACTOR

def unused(x):
    return math.sin(x)

FACTOR = 2.0
"""


def digest_of(folder: Path, own: str = OWN, helper: str = HELPER, name: str = "own_mean_20") -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own.py").write_text(own)
    (folder / "helper.py").write_text(helper)
    sys.modules.pop("helper", None)
    catalog = (*CATALOG, *load_user_features([folder / "own.py"], {}))
    sys.modules.pop("helper", None)
    return features_sha256([name], catalog)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("own", "* TABLE[0]", "* TABLE[1]"),
        ("own", "[1.0, 2.0]", "[1.0, 3.0]"),
        ("own", "2.0 * x", "2.5 * x"),
        ("own", "close.mean()", "close.max()"),
        ("own", "close", "open"),
        ("helper", "x / FACTOR", "x // FACTOR"),
        ("helper", "FACTOR = 2.0", "FACTOR = 4.0"),
    ],
)
def test_a_change_that_changes_values_changes_the_digest(tmp_path: Path, file: str, old: str, new: str) -> None:
    texts = {"own": OWN, "helper": HELPER}
    changed = texts | {file: texts[file].replace(old, new)}
    assert changed != texts
    assert digest_of(tmp_path / "a", **changed) != digest_of(tmp_path / "b", **texts)


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("own", lambda text: text.replace("Text.", "Another text, of two words more.")),
        ("own", lambda text: text.replace("TABLE[0]", "TABLE[ 0 ]  # the first")),
        ("own", lambda text: "# a comment\n\n\n" + text),
        ("own", lambda text: text.replace("own_mean(close)", "own_mean(close: np.ndarray) -> float")),
        ("own", lambda text: text + "\nOTHER = 3.0\n"),
        ("own", lambda text: text.replace('14, 2, 500, "bars"', '21, 2, 600, "rows"')),
        ("helper", lambda text: text.replace("math.sin", "math.cos")),
    ],
)
def test_a_change_that_changes_no_value_keeps_the_digest(
    tmp_path: Path, file: str, change: Callable[[str], str]
) -> None:
    texts = {"own": OWN, "helper": HELPER}
    changed = texts | {file: change(texts[file])}
    assert changed != texts
    assert digest_of(tmp_path / "a", **changed) == digest_of(tmp_path / "b", **texts)


def test_parameters_outputs_and_timeframes_change_the_digest() -> None:
    names = ("rsi_14", "rsi_15", "rsi_14@4h", "macd_12_26_9", "macd_12_26_9.hist")
    assert len({features_sha256([name], CATALOG) for name in names}) == len(names)


def test_order_and_spelling_of_names_keep_the_digest() -> None:
    assert features_sha256(["rsi", "ema_20"], CATALOG) == features_sha256(["ema_20", "rsi_14", "rsi_14"], CATALOG)


def test_an_interpreted_feature_has_the_same_digest(tmp_path: Path) -> None:
    digest_of(tmp_path)
    (own,) = load_user_features([tmp_path / "own.py"], {})
    assert features_sha256(["own_mean"], [own]) == features_sha256(["own_mean"], [interpret(own)])
    rsi = next(feature for feature in CATALOG if feature.name == "rsi")
    assert features_sha256(["rsi"], [rsi]) == features_sha256(["rsi"], [interpret(rsi)])


def test_the_parts_of_a_feature_are_followed() -> None:
    made = next(feature for feature in CATALOG if feature.parts(*feature.instance().values))
    part = made.parts(*made.instance().values)[0]
    with pytest.raises(UnknownNameError, match=part.split("_")[0]):
        features_sha256([made.instance().name], [made])


def test_every_feature_has_a_digest_of_its_own() -> None:
    digests = {features_sha256([feature.instance().name], CATALOG) for feature in CATALOG}
    assert len(digests) == len(CATALOG)


def test_digests_are_the_same_in_every_process_and_when_interpreted() -> None:
    code = (
        "from quaestor.runtime.models.definitions import features_sha256, code_sha256;"
        "from quaestor.features.catalog import CATALOG; from quaestor.features.sets import FEATURE_SETS;"
        "print(features_sha256(FEATURE_SETS['default'], CATALOG), code_sha256())"
    )
    environment = os.environ | {"PYTHONHASHSEED": "3", "QUAESTOR_INTERPRET": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [features_sha256(FEATURE_SETS["default"], CATALOG), code_sha256()]


def test_the_digest_of_the_program_is_that_of_its_source_files() -> None:
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.glob("**/*.py")):
        digest.update(f"{path.relative_to(PACKAGE)} {path.stat().st_size}\n".encode() + path.read_bytes())
    assert code_sha256() == digest.hexdigest()
