"""Counterfactual of refusals: what the officer's vetoes and shrinks saved or cost, rule by rule (see
`rejected_trades`).

It is an estimate of each refusal by itself: the money that a rejected position would have made or lost does not
change what is decided later. `app.ablation` gives the exact answer for one rule by running everything again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quaestor.analysis.rejected_trades import REJECTED_TRADE, TALLY, follow, settle
from quaestor.domain.instrument import Instrument
from quaestor.engine.engine import Output
from quaestor.errors import InvariantError
from quaestor.jit.tables import Row, Table
from quaestor.ledger.codes import Layer
from quaestor.ledger.rows import DECISION, EVENT, TRADE
from quaestor.risk.catalog import RULES
from quaestor.risk.contract import Rule


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """Refusals of one rule on one instrument, followed to their end. Money is in the settlement asset.

    Attributes:
        vetoes, shrinks: decisions that it refused wholly or partly.
        episodes: runs of them about the same direction; each is one rejected position.
        notional: refused in all, each episode at the close of its first decision.
        saved: losses rejected.
        cost: gains rejected.
        right: share of the episodes that avoided a loss.
        unsettled: episodes open at the end, counted at the last close.
    """

    symbol: str
    rule: str
    layer: str
    vetoes: int
    shrinks: int
    episodes: int
    notional: float
    saved: float
    cost: float
    net: float
    right: float
    unsettled: int


class Refusals:
    """Observer of a run that follows what was refused, an instrument at a time.

    Args:
        names: symbols, in the order of the account's instruments.
        instruments: their rules.
        packed, params: the same and the run's parameters, as the engine has them.
    """

    def __init__(self, names: Sequence[str], instruments: Sequence[Instrument], packed: Table, params: Table) -> None:
        self._names = tuple(names)
        self._quantum = float(instruments[0].quantum)
        self._packed = packed
        self._params = params
        self._forgone = np.zeros(len(packed), REJECTED_TRADE)
        self._tally = np.zeros(len(packed) * len(RULES), TALLY)
        self._scratch = np.zeros(1, TRADE)
        self._follow(np.zeros(0, EVENT), np.zeros(0, DECISION))  # compiled now, not inside the run

    def observe(self, output: Output) -> None:
        """Follow one batch.

        Raises:
            InvariantError: a decision came without the bar that it is about.
        """
        if not len(output.decisions):
            return
        missing = self._follow(output.events, output.decisions)
        if missing:
            raise InvariantError(f"{missing} decisions came without their bars", place="counterfactuals")

    def _follow(self, events: Table, decisions: Table) -> int:
        return follow(self._forgone, self._packed, self._params, events, decisions, self._tally, self._scratch)

    def outcomes(self) -> list[RuleOutcome]:
        """Return every rule that refused something, by instrument, in the order of the catalog; may be called at any
        time."""
        tally = self._tally.copy()
        settle(self._forgone.copy(), tally)
        found: list[RuleOutcome] = []
        for place in np.flatnonzero(tally["episodes"]):
            instrument, rule = divmod(int(place), len(RULES))
            found.append(_outcome(self._names[instrument], RULES[rule], tally[place], self._quantum))
        return found


def _outcome(symbol: str, rule: Rule, row: Row, quantum: float) -> RuleOutcome:
    saved, cost, episodes = int(row["saved"]), int(row["cost"]), int(row["episodes"])
    return RuleOutcome(
        symbol=symbol,
        rule=rule.name,
        layer=Layer(rule.layer).name.lower(),
        vetoes=int(row["vetoes"]),
        shrinks=int(row["shrinks"]),
        episodes=episodes,
        notional=float(row["notional"]) * quantum,
        saved=saved * quantum,
        cost=cost * quantum,
        net=(saved - cost) * quantum,
        right=int(row["right"]) / episodes,
        unsettled=int(row["unsettled"]),
    )
