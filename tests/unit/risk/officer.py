"""Risk officer for tests: chosen limits on an account of 10,000 (1,000,000 quanta), at a price of 100."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from tests.builders import DAY, engine, engine_settings, instrument

from quaestor.domain.instrument import Instrument
from quaestor.engine.engine import Engine
from quaestor.engine.settings import EngineSettings
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Verdict
from quaestor.ledger.ledger import mark, post_fill
from quaestor.risk.catalog import RULES
from quaestor.risk.gate import evaluate_target
from quaestor.risk.state import VERDICT

PRICE = 100
RULE_INDEX = {rule.name: k for k, rule in enumerate(RULES)}


@dataclass(frozen=True, slots=True)
class TargetVerdict:
    """A verdict about a target, with the binding rule by name."""

    verdict: Verdict
    approved_target: int
    rule: str
    measured: float
    limit: float
    layer: int


class Officer:
    """Risk officer over instrument 0 of an engine, whose state a test may set."""

    def __init__(
        self,
        limits: dict[str, float] | None = None,
        traded: tuple[Instrument, ...] | None = None,
        settings: EngineSettings | None = None,
        profile: str = "permissive",
    ) -> None:
        several = traded or (instrument(shortable=True),)
        self.engine: Engine = engine(several, settings or engine_settings(profile, limits), interval_ns=DAY)
        self.account: Any = self.engine.account[0]
        self.books: Table = self.engine.books
        self.params: Any = self.engine.params[0]["risk"]
        self.verdict = np.zeros(1, VERDICT)
        for name in ("day_equity", "week_equity", "window_peak"):
            self.account["risk"][name] = self.account["ledger"]["capital"]

    def hold(self, lots: int, ticks: int = PRICE, index: int = 0) -> None:
        """Give the account a position of `lots` bought or sold at a price."""
        ledger, position, rules = self.account["ledger"], self.books[index]["position"], self.engine.instruments[index]
        post_fill(ledger, position, rules, index, lots, ticks, 0, 1, 1, 1, self.engine._trades, 0)
        mark(ledger, position, rules, ticks)

    def evaluate_target(self, target: int, ticks: int = PRICE) -> TargetVerdict:
        """Return the verdict about a target."""
        rules = self.engine.instruments[0]
        approved_target = evaluate_target(
            self.account, self.books, 0, rules, self.params, ticks, target, self.verdict[0]
        )
        row = self.verdict[0]
        assert approved_target == row["approved_target"]
        assert row["target"] == target
        name = RULES[int(row["rule"])].name if row["rule"] >= 0 else ""
        return TargetVerdict(
            Verdict(int(row["verdict"])),
            int(approved_target),
            name,
            float(row["measured"]),
            float(row["limit"]),
            int(row["layer"]),
        )
