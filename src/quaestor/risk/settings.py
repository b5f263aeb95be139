"""Risk settings: the officer's numbers by name, from a profile with overrides, packed into parameter records."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from quaestor.errors import ConfigError, UnknownNameError
from quaestor.jit.tables import Row
from quaestor.risk.catalog import RULES
from quaestor.risk.contract import Setting
from quaestor.risk.exits.catalog import ALL_EXITS, TARGET

Profile = Literal["default", "conservative", "permissive"]
PROFILES: tuple[Profile, ...] = ("default", "conservative", "permissive")

_MAY_BE_ZERO = frozenset({"trailing_tighten_pct", "stale_recovery_bars", "level_buffer_multiple"})


def all_settings() -> tuple[Setting, ...]:
    """Return every number of every rule and exit, in catalog order."""
    rules = tuple(setting for rule in RULES for setting in rule.numbers)
    exits = tuple(setting for item in ALL_EXITS for setting in item.settings)
    return (*rules, *exits, TARGET)


@dataclass(frozen=True, slots=True)
class RiskSettings:
    """One value for every setting; infinity switches a rule or an exit off."""

    profile: Profile
    values: Mapping[str, float]

    @classmethod
    def from_profile(cls, profile: str, overrides: Mapping[str, float] | None = None) -> "RiskSettings":
        """Return a profile with some numbers replaced.

        Raises:
            UnknownNameError: no such profile or setting.
            ConfigError: a number that is NaN, negative, or 0 where 0 means nothing.
        """
        if profile not in PROFILES:
            raise UnknownNameError("risk profile", profile, PROFILES)
        chosen: Profile = next(name for name in PROFILES if name == profile)
        values = {setting.name: float(getattr(setting, chosen)) for setting in all_settings()}
        for name, value in (overrides or {}).items():
            if name not in values:
                raise UnknownNameError("risk setting", name, values)
            lowest_ok = value >= 0.0 if name in _MAY_BE_ZERO else value > 0.0
            if not lowest_ok:
                raise ConfigError(
                    f"{name} = {value} is no limit",
                    place="risk",
                    remedy="give a positive number, or inf to switch it off",
                )
            values[name] = float(value)
        _follow(values, overrides or {})
        return cls(chosen, values)

    @property
    def uses_levels(self) -> bool:
        """Return whether an exit uses the nearest support and resistance."""
        return math.isfinite(self.values["level_buffer_multiple"])

    def pack(self, risk: Row, exits: Row) -> None:
        """Write the numbers into records of dtype RISK_PARAMS and EXIT_PARAMS."""
        for rule in RULES:
            rule.pack(risk[rule.name], self.values)
        for item in ALL_EXITS:
            for setting in item.settings:
                exits[item.name][setting.name] = self.values[setting.name]
        exits[TARGET.name] = self.values[TARGET.name]


def _follow(values: dict[str, float], given: Mapping[str, float]) -> None:
    """Set the numbers that follow a given one and are not given themselves, unless they are off."""
    for setting in all_settings():
        if setting.follows in given and setting.name not in given and math.isfinite(values[setting.name]):
            values[setting.name] = values[setting.follows]
