"""The reference pages name what exists, with the values that hold."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from typer.main import get_command

from quaestor.brain.regime.catalog import CATALOG as REGIME_FILTERS
from quaestor.cli.features.group import features_app
from quaestor.cli.lazy import COMMANDS
from quaestor.cli.train.options import READERS
from quaestor.ports.journal import RecordKind
from quaestor.research.experiment.result import Experiment, Period
from quaestor.research.selection.result import Chosen, Selection
from quaestor.research.training.regime_table import regime_table
from quaestor.research.training.regimes import FEATURES
from quaestor.risk.catalog import RULES
from quaestor.risk.exits.catalog import ALL_EXITS, TARGET
from quaestor.risk.settings import all_settings
from quaestor.risk.sizing.catalog import SIZERS
from quaestor.risk.sizing.settings import PARAMETERS
from quaestor.runtime.config import RunConfig
from quaestor.runtime.config.layers import ALIASES
from quaestor.runtime.config.load import OPTIONS, environment_names

COMMANDS_BY_NAME = {entry.name: entry for entry in COMMANDS}
#: Options of every command that runs something, which are not settings; and where a period lies.
SHARED_WITH_BACKTEST = {"--set", "--limit", "--sizing", "--config", "--profile"}
PLACES = {"first_ts", "end_ts", "days"}

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference"


@pytest.fixture(scope="module")
def configuration() -> str:
    return (REFERENCE / "configuration.md").read_text(encoding="utf-8")


def row_of(text: str, name: str) -> list[str]:
    found = re.search(rf"^\| `{re.escape(name)}` \|(.*)\|$", text, re.MULTILINE)
    assert found is not None, f"{name} is not documented"
    return [cell.strip() for cell in found[1].split("|")]


def test_every_setting_is_documented_with_its_option_and_default(configuration: str) -> None:
    settings = {name.removeprefix("QUAESTOR_").lower().replace("__", ".") for name in environment_names()}
    defaults = RunConfig()
    for name in sorted(settings):
        option, default, _ = row_of(configuration, name)
        if name in OPTIONS and name != "seed":
            assert option == f"`{OPTIONS[name]}`"
        value: object = defaults
        for part in name.split("."):
            value = getattr(value, part)
        if isinstance(value, str):
            assert default.strip("`") == value
        elif isinstance(value, int | float):
            assert default == f"{value:g}".replace("inf", "off")


def test_every_limit_of_exits_is_documented_with_its_values(configuration: str) -> None:
    of_the_officer = {setting.name for rule in RULES for setting in rule.numbers}  # see test_written_pages
    for setting in (setting for setting in all_settings() if setting.name not in of_the_officer):
        numbers = [f"{value:g}".replace("inf", "off") for value in (setting.default, setting.conservative)]
        assert row_of(configuration, setting.name)[:2] == numbers


def test_every_sizer_and_its_numbers_are_documented() -> None:
    text = (REFERENCE / "sizing-and-exits.md").read_text(encoding="utf-8")
    for sizer in SIZERS:
        row_of(text, sizer.name)
    for parameter in PARAMETERS:
        figures = [f"{parameter.default:g}", f"{parameter.low:g} – {parameter.high:.7g}"]
        assert row_of(text, parameter.name)[:2] == figures


def test_every_exit_is_documented() -> None:
    text = (REFERENCE / "sizing-and-exits.md").read_text(encoding="utf-8")
    for setting in (*(setting for item in ALL_EXITS for setting in item.settings), TARGET):
        assert f"`{setting.name}`" in text


def test_every_well_known_name_is_documented(configuration: str) -> None:
    for name, key in ALIASES.items():
        assert row_of(configuration, name) == [f"`{key[-1]}`"]


def test_every_command_is_documented() -> None:
    text = (REFERENCE / "cli.md").read_text(encoding="utf-8")
    for entry in COMMANDS:
        row_of(text, entry.name)


def test_every_record_kind_is_documented() -> None:
    text = (REFERENCE / "journal.md").read_text(encoding="utf-8")
    for kind in RecordKind:
        assert f"| {kind.value} | {kind.name} |" in text


def test_every_option_and_key_of_a_selection_is_documented() -> None:
    text = (REFERENCE / "cli.md").read_text(encoding="utf-8")
    section = text[text.index("## `features select`") : text.index("## Output directory of a run")]
    command = get_command(features_app).commands["select"]  # type: ignore[attr-defined]
    options = [parameter.opts[0] for parameter in command.params if parameter.name != "help"]
    keys = [field.name for record in (Selection, Chosen) for field in fields(record)]
    for name in (*options, *keys):
        assert f"`{name}`" in section, name


def test_every_regime_is_documented_with_what_it_stands_for() -> None:
    text = (REFERENCE / "regimes.md").read_text(encoding="utf-8")
    for row in regime_table():
        profile = row.profile
        numbers = (profile.position_multiple, profile.stop_multiple, profile.risk_pct, profile.positions_max)
        named = [", ".join(f"`{name}`" for name in names) or "none" for names in (row.strategies, row.models)]
        assert row_of(text, row.regime.name) == [*(f"{number:g}" for number in numbers), *named]


def test_every_regime_feature_is_documented() -> None:
    text = (REFERENCE / "regimes.md").read_text(encoding="utf-8")
    for name in FEATURES:
        row_of(text, name)
    for regime in REGIME_FILTERS:
        row_of(text, regime.name)


def test_every_option_and_key_of_an_experiment_is_documented() -> None:
    text = (REFERENCE / "cli.md").read_text(encoding="utf-8")
    section = text[text.index("## `train`") : text.index("## `models`")]
    parameters = COMMANDS_BY_NAME["train"].load().params
    shared = {option for option in OPTIONS.values() if option not in ("--models", "--out", "--seed")}
    options = {name for parameter in parameters for name in parameter.opts} - shared - {"--help"}
    keys = [field.name for field in (*fields(Experiment), *(f for f in fields(Period) if f.name not in PLACES))]
    for name in (*options - SHARED_WITH_BACKTEST, *READERS, *keys):
        assert f"`{name}`" in section, name
