"""Write the tables of docs/reference/risk.md from the catalogue of rules; everything above the marker is kept.

Run from anywhere: ``python docs/write_risk.py``.
"""

import math
from collections.abc import Iterator
from pathlib import Path

from quaestor.ledger.codes import Layer, Regime
from quaestor.risk.catalog import RULES
from quaestor.risk.contract import Rule, Setting
from quaestor.risk.profiles import REGIME_PROFILES

PAGE = Path(__file__).resolve().parent / "reference" / "risk.md"
MARKER = "<!-- from here on written by docs/write_risk.py -->"
_LAYERS = {
    Layer.ACCOUNT: "Account",
    Layer.POSITION: "Layer 1 · Position size",
    Layer.EXPOSURE: "Layer 2 · Portfolio exposure",
    Layer.VAR: "Layer 3 · Value at risk",
    Layer.DRAWDOWN: "Layer 4 · Drawdown",
    Layer.VOLATILITY: "Layer 5 · Volatility",
    Layer.CORRELATION: "Layer 6 · Correlation",
    Layer.EMERGENCY: "Layer 7 · Emergency",
}


def page(text: str) -> str:
    """The page with fresh tables."""
    head = text.partition(MARKER)[0]
    return "\n".join([f"{head}{MARKER}\n", *_lines(), ""])


def _lines() -> Iterator[str]:
    yield f"{len(RULES)} rules."
    for layer, title in _LAYERS.items():
        yield f"\n## {title}\n"
        rules = [rule for rule in RULES if rule.layer == layer]
        yield "| rule | |"
        yield "|---|---|"
        yield from (_row(f"`{rule.name}`", rule.meaning) for rule in rules)
        settings = [setting for rule in rules for setting in rule.settings]
        if settings:
            yield "\n| setting | default | conservative | permissive | unit | |"
            yield "|---|---|---|---|---|---|"
            yield from (_of(setting) for setting in settings)
    yield from _regimes()


def _of(setting: Setting) -> str:
    values = (setting.default, setting.conservative, setting.permissive)
    meaning = setting.meaning + (f"; follows `{setting.follows}`" if setting.follows else "")
    return _row(f"`{setting.name}`", *map(_number, values), setting.unit, meaning)


def _regimes() -> Iterator[str]:
    yield "\n## Numbers by regime\n"
    yield "Each is a setting of its own, such as `volatile_risk_pct`; `permissive` has risk and positions off.\n"
    tables: list[Rule] = [rule for rule in RULES if rule.regimes]
    named = [f"`…_{rule.regimes.name}` (`{rule.name}`)" for rule in tables if rule.regimes]
    yield _row("regime", *named, "distance of stops")
    yield "|---" * (len(named) + 2) + "|"
    for regime in Regime:
        values = [_number(rule.regimes.settings[regime].default) for rule in tables if rule.regimes]
        yield _row(f"`{regime.name.lower()}`", *values, f"× {REGIME_PROFILES[regime].stop_multiple:g}")


def _number(value: float) -> str:
    return "off" if math.isinf(value) else f"{value:g}"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
