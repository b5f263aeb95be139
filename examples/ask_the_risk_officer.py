"""Verdicts of the risk officer about hypothetical positions, without a run.

python examples/ask_the_risk_officer.py
"""

from decimal import Decimal

import numpy as np

from quaestor.adapters.instruments.catalog import load_instruments
from quaestor.engine.engine import Engine
from quaestor.engine.settings import CostSettings, EngineSettings, pack_instruments, pack_params
from quaestor.ledger.codes import Verdict
from quaestor.risk.catalog import RULES
from quaestor.risk.gate import evaluate_target
from quaestor.risk.settings import RiskSettings
from quaestor.risk.state import VERDICT

HOUR_NS = 3_600_000_000_000

bitcoin = load_instruments().find("BTCUSDT", "spot")
# Value at risk is switched off: without any history it is unknown, and unknown means no.
limits = RiskSettings.from_profile("default", {"var_pct": float("inf")})
settings = EngineSettings(limits, CostSettings(), capital=Decimal(10_000))
instruments = pack_instruments([bitcoin], HOUR_NS, leverage=1)
params = pack_params(settings, HOUR_NS, venue_inside=True)
engine = Engine(instruments, params, bitcoin.to_quanta(settings.capital))

price_ticks = int(Decimal(40_000) / bitcoin.tick_size)
for target in ("0.01", "0.05", "-0.01"):
    verdict_row = np.zeros(1, VERDICT)
    lots = int(Decimal(target) / bitcoin.lot_size)
    evaluate_target(
        engine.account[0], engine.books, 0, instruments[0], params[0]["risk"], price_ticks, lots, verdict_row[0]
    )
    verdict = Verdict(verdict_row[0]["verdict"]).name.lower()
    rule = RULES[verdict_row[0]["rule"]].name if verdict_row[0]["rule"] >= 0 else "no rule objects"
    approved_target = bitcoin.to_quantity(verdict_row[0]["approved_target"])
    print(f"hold {target} BTC: {verdict}, {approved_target} BTC would pass ({rule})")
