"""Limit list: every setting of the officer's rules and of the exits, beside the profiles."""

import math
from dataclasses import dataclass

from quaestor.ledger.codes import Layer
from quaestor.risk.catalog import RULES
from quaestor.risk.contract import Setting
from quaestor.risk.settings import RiskSettings, all_settings


@dataclass(frozen=True, slots=True)
class Limit:
    """One setting. A rule without any is always on, and has one row with neither setting nor value."""

    layer: str
    rule: str
    setting: str
    value: float | None
    unit: str
    meaning: str
    default: float | None
    conservative: float | None
    permissive: float | None
    off: bool


#: Layer of a setting that belongs to no rule.
EXIT_LAYER = "exits"


def list_limits(settings: RiskSettings) -> list[Limit]:
    """Return the settings of the rules in the order of the catalog, then all others."""
    rows: list[Limit] = []
    seen: set[str] = set()
    for rule in RULES:
        layer = Layer(rule.layer).name.lower()
        seen |= {setting.name for setting in rule.numbers}
        rows += [_limit(layer, rule.name, setting, settings) for setting in rule.numbers]
        if not rule.numbers:
            rows.append(Limit(layer, rule.name, "", None, "", rule.meaning, None, None, None, off=False))
    rest = [setting for setting in all_settings() if setting.name not in seen]
    return rows + [_limit(EXIT_LAYER, "", setting, settings) for setting in rest]


def _limit(layer: str, rule: str, setting: Setting, settings: RiskSettings) -> Limit:
    value = settings.values[setting.name]
    profiles = (setting.default, setting.conservative, setting.permissive)
    return Limit(layer, rule, setting.name, value, setting.unit, setting.meaning, *profiles, off=math.isinf(value))
