"""Sizing settings: the chosen sizers and their numbers, packed into a parameter record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from quaestor.domain.instrument import rate
from quaestor.domain.parameter import Real, parse_settings
from quaestor.errors import ConfigError, UnknownNameError
from quaestor.jit.tables import Row
from quaestor.risk.sizing.catalog import CONFIDENCE, SIZERS

#: Every number that can be set, in catalog order.
PARAMETERS: tuple[Real, ...] = (*(parameter for sizer in SIZERS for parameter in sizer.parameters), CONFIDENCE)


def _defaults() -> Mapping[str, float]:
    """Return the default of every number."""
    return {parameter.name: parameter.default for parameter in PARAMETERS}


@dataclass(frozen=True, slots=True)
class SizingSettings:
    """The chosen sizers, and one value for every number."""

    sizers: tuple[str, ...] = ("fixed",)
    values: Mapping[str, float] = field(default_factory=_defaults)

    @classmethod
    def choose(cls, sizers: Sequence[str], settings: Mapping[str, str] | None = None) -> "SizingSettings":
        """Return settings of some sizers, with some numbers, as text, other than their defaults.

        Raises:
            UnknownNameError: no such sizer or number.
            ConfigError: no sizer at all, or a number out of its range.

        Example:
            >>> chosen = SizingSettings.choose(["atr_risk", "equal"], {"atr_risk_pct": "0.5"})
            >>> chosen.sizers, chosen.values["atr_risk_pct"], chosen.values["equal_positions"]
            (('atr_risk', 'equal'), 0.5, 5.0)
        """
        known = [sizer.name for sizer in SIZERS]
        for name in sizers:
            if name not in known:
                raise UnknownNameError("sizer", name, known, place="sizing")
        if not sizers:
            raise ConfigError("no sizer chosen", place="sizing", remedy=f"choose at least one of {', '.join(known)}")
        values = parse_settings(PARAMETERS, settings or {}, place="sizing")
        names = (parameter.name for parameter in PARAMETERS)
        return cls(tuple(sizers), dict(zip(names, map(float, values), strict=True)))

    def pack(self, params: Row, size: float) -> None:
        """Write the settings into a record of dtype SIZING_PARAMS; `size`: the account's share for `fixed`."""
        for sizer in SIZERS:
            params[f"uses_{sizer.name}"] = sizer.name in self.sizers
            for parameter in sizer.parameters:
                params[sizer.name][parameter.name] = self.values[parameter.name]
        params[CONFIDENCE.name] = self.values[CONFIDENCE.name]
        params["fixed"]["size_rate"] = rate(size)
