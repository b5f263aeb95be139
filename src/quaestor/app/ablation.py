"""Rule ablation: the same run again without one risk rule, the exact counterfactual of that rule.

Unlike what `analysis.rejected_trades` follows, everything decided later changes with it: sizes, other rules, breakers.
It costs a run a rule.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from quaestor.analysis.counterfactual import RuleOutcome
from quaestor.analysis.results import Summary
from quaestor.analysis.simulate import simulate
from quaestor.errors import ConfigError, UnknownNameError
from quaestor.jit.tables import Row
from quaestor.ports.progress import NO_PROGRESS, Progress
from quaestor.risk.catalog import RULES
from quaestor.risk.contract import Rule
from quaestor.runtime.assembly.assemble import Assembly
from quaestor.runtime.config import JournalConfig
from quaestor.runtime.journal.recorder import NoRecorder


@dataclass(frozen=True, slots=True)
class AblationRun:
    """Result of one run. `rule`: the one that was off; empty: none. Drawdown is a positive fraction, equity in the
    settlement asset."""

    rule: str
    equity: float
    max_drawdown: float
    trades: int
    vetoes: int
    shrinks: int


def run_ablation(assembly: Assembly, names: Sequence[str], progress: Progress = NO_PROGRESS) -> list[AblationRun]:
    """Run as configured, then without each of the rules, one at a time; as a backtest, without commands.

    Args:
        assembly: the run, as far as it is to go.
        names: of rules that can be switched off.
        progress: receives the rule that is about to be left out.

    Raises:
        UnknownNameError: no such rule.
        ConfigError: a rule that has no limit to switch off.
    """
    rules = [_find(name) for name in names]
    quiet = assembly.config.model_copy(update={"journal": JournalConfig(), "out": None})
    params = assembly.params.copy()
    params[0]["venue_inside"] = 1
    inside = replace(assembly, config=quiet, params=params, venue_inside=True)
    runs = [_summarised("", simulate(inside, NoRecorder()).summary)]
    for rule in rules:
        progress.describe(f"running without {rule.name}")
        runs.append(_summarised(rule.name, simulate(_switched_off(inside, rule), NoRecorder()).summary))
    return runs


def removable_rules(outcomes: Sequence[RuleOutcome]) -> list[str]:
    """Return the rules that refused something and have a limit to switch off, each once, in the order of the
    catalog."""
    refused = {outcome.rule for outcome in outcomes}
    return [rule.name for rule in RULES if rule.name in refused and rule.settings]


def _find(name: str) -> Rule:
    for rule in RULES:
        if rule.name == name:
            if not rule.settings:
                raise ConfigError(f"{name} is always on", place="--rerun", remedy="name a rule that has a limit")
            return rule
    raise UnknownNameError("rule", name, [rule.name for rule in RULES if rule.settings], place="--rerun")


def switch_off(risk: Row, rule: Rule) -> None:
    """Set a rule's limit to infinity in parameters of dtype RISK_PARAMS, and its other settings to those of the
    permissive profile."""
    off = {setting.name: setting.permissive for setting in rule.numbers} | {rule.settings[0].name: math.inf}
    rule.pack(risk[rule.name], off)


def _switched_off(assembly: Assembly, rule: Rule) -> Assembly:
    params = assembly.params.copy()
    switch_off(params[0]["risk"], rule)
    return replace(assembly, params=params)


def _summarised(rule: str, summary: Summary) -> AblationRun:
    return AblationRun(
        rule, summary.equity_final, summary.max_drawdown, summary.trades, summary.vetoes, summary.shrinks
    )
