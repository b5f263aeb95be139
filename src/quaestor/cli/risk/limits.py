"""`quaestor risk limits`: list every limit as it is set, beside the profiles."""

import math
from pathlib import Path
from typing import Annotated

import typer

from quaestor.analysis.officer.limits import Limit, list_limits
from quaestor.cli.output import MISSING, console, make_table, print_json
from quaestor.cli.run.options import AsJson
from quaestor.risk.settings import PROFILES, RiskSettings
from quaestor.runtime.config import RiskConfig, load_config

RiskProfile = Annotated[
    str | None, typer.Option("--risk", help="default, conservative or permissive.", show_default=False)
]
Limits = Annotated[list[str] | None, typer.Option("--limit", help="One risk limit NAME=VALUE; repeatable.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="YAML or TOML file of settings.")]
FileProfile = Annotated[str | None, typer.Option("--profile", help="Profile in the configuration file.")]


def limits(
    risk: RiskProfile = None,
    limit: Limits = None,
    config: ConfigFile = None,
    profile: FileProfile = None,
    as_json: AsJson = False,
) -> None:
    """List every layer, rule and setting: value, unit, meaning, the three profiles, and what is off."""
    chosen = load_config(file=config, profile=profile, options={"risk.profile": risk}, limits=limit or ()).risk
    rows = list_limits(to_settings(chosen))
    if as_json:
        print_json({"profile": chosen.profile, "overrides": chosen.overrides, "limits": rows})
        return
    _print(rows, chosen)


def to_settings(chosen: RiskConfig) -> RiskSettings:
    """Return the risk settings of a configuration."""
    return RiskSettings.from_profile(chosen.profile, chosen.overrides)


def format_limit(value: float | None) -> str:
    """Return a limit as it would be given; infinity is off, None a dash.

    Example:
        >>> format_limit(float("inf")), format_limit(10.0), format_limit(None)
        ('off', '10', '–')
    """
    if value is None:
        return MISSING
    return "off" if math.isinf(value) else f"{value:g}"


def _print(rows: list[Limit], chosen: RiskConfig) -> None:
    title = f"Limits of profile {chosen.profile}"
    title += f", {len(chosen.overrides)} of them overridden" if chosen.overrides else ""
    table = make_table(
        title, "layer", "rule", "setting", "value", "unit", *PROFILES, "meaning", right={"value", *PROFILES}
    )
    for column in table.columns[:4]:  # names are copied from here into files: never broken
        column.no_wrap = True
    for row in rows:
        value = "always on" if not row.setting else format_limit(row.value)
        given = "bold" if row.setting in chosen.overrides else "dim" if row.off else ""
        profiles = [format_limit(each) for each in (row.default, row.conservative, row.permissive)]
        table.add_row(row.layer, row.rule, row.setting, value, row.unit, *profiles, row.meaning, style=given)
    console.print(table)
