"""Trading settings of a trained model: chosen before a run, not trained."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from quaestor.brain.alpha.contract import Sides
from quaestor.brain.online.drift.adwin import pack_adwin
from quaestor.brain.online.drift.cusum import pack_cusum
from quaestor.brain.online.drift.page_hinkley import pack_page_hinkley
from quaestor.brain.online.drift_response import pack_drift_response
from quaestor.brain.online.linear import LearnerSettings, Method
from quaestor.brain.online.model_score import pack_model_score
from quaestor.brain.trained.layout import TRADING
from quaestor.domain.parameter import Choice, Integer, Parameter, Real, parse_settings
from quaestor.errors import ConfigError
from quaestor.jit.tables import Table

#: Name of the strategy in configurations.
NAME = "learned"

#: Its parameters there.
PARAMETERS: tuple[Parameter, ...] = (
    Choice("side", Sides.BOTH, "long: long or flat; both: also short"),
    Real("margin", 1.0, 0.0, 100.0, "times the cost that the edge's lower bound must exceed"),
    Real("sigmas", 1.0, 0.0, 10.0, "standard errors between the edge and its lower bound"),
    Real("impact", 0.5, 0.0, 100.0, "times volatility · √(share of volume) that an order moves the price"),
    Real("min_confidence", 0.75, 0.0, 1.0, "least confidence score"),
    Real("max_noise", 0.3, 0.0, 1.0, "share of the weight that may disagree"),
    Real("sensitivity", 0.8, 0.0, 1.0, "probability of a regime from which its scaling applies"),
    Real("min_volume", 0.25, 0.0, 100.0, "times the usual volume"),
    Integer("min_frames", 2, 0, 3, "looks back that must agree"),
    Integer("cooldown", 200, 1, 1_000_000, "bars from one step up the drift response to the next"),
    Integer("quiet", 500, 1, 1_000_000, "outcomes without an alarm that go down a step"),
)

#: Online models by name, in the order of the learners' table.
ONLINE_MODELS: dict[str, LearnerSettings] = {
    "sgd": LearnerSettings(Method.GRADIENT),
    "passive_aggressive": LearnerSettings(Method.PASSIVE_AGGRESSIVE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingSettings:
    """Costs, thresholds of the signal filter, weighting by recent loss, and pace of the drift response.

    Attributes:
        round_trip: fees, half-spread and slippage of entering and leaving, as a fraction of the notional.
        order_value: notional of an order in the quote asset, for its impact; 0: no impact.
        impact: multiple of volatility · √(share of the bar's volume).
        settlements: funding settlements while a position is held to its horizon.
        both: whether short positions are taken too.
        margin: multiple of the cost that the lower bound of the edge must exceed.
        sigmas: standard errors between the edge and its lower bound.
        confidence_min, noise_max, sensitivity, volume_min, frames_min: see `ensemble.signal_filter`.
        sharpness: of weights by recent loss: e-fold for a difference of 1 / sharpness.
        half_life: outcomes after which one weighs half in the recent loss.
        outcomes_min: outcomes of a model before its recent loss counts.
        cooldown_rows, quiet_outcomes: of the drift response.

    Raises:
        ConfigError: a number out of its range.
    """

    round_trip: float
    order_value: float = 0.0
    impact: float = 0.5
    settlements: float = 0.0
    both: bool = True
    margin: float = 1.0
    sigmas: float = 1.0
    confidence_min: float = 0.75
    noise_max: float = 0.3
    sensitivity: float = 0.8
    volume_min: float = 0.25
    frames_min: int = 2
    sharpness: float = 50.0
    half_life: float = 500.0
    outcomes_min: int = 100
    cooldown_rows: int = 200
    quiet_outcomes: int = 500

    def __post_init__(self) -> None:
        for name in ("round_trip", "order_value", "impact", "settlements", "margin", "sigmas", "sharpness"):
            if not 0.0 <= getattr(self, name) < np.inf:
                raise ConfigError(f"{name} = {getattr(self, name)}", place="trained model", remedy="give 0 or more")
        for name in ("confidence_min", "noise_max", "sensitivity"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ConfigError(f"{name} = {getattr(self, name)}", place="trained model", remedy="give 0 to 1")

    @classmethod
    def parse(
        cls, settings: Mapping[str, str], *, round_trip: float, order_value: float, settlements: float
    ) -> "TradingSettings":
        """Return settings by the names of `PARAMETERS`, under the costs of the run.

        Raises:
            UnknownNameError: no such setting.
            ConfigError: a value out of range.
        """
        values = parse_settings(PARAMETERS, settings, place=f"strategy {NAME}")
        side, margin, sigmas, impact, confidence, noise, sensitivity, volume, frames, cooldown, quiet = values
        return cls(
            round_trip=round_trip,
            order_value=order_value,
            settlements=settlements,
            impact=impact,
            both=side == Sides.BOTH,
            margin=margin,
            sigmas=sigmas,
            confidence_min=confidence,
            noise_max=noise,
            sensitivity=sensitivity,
            volume_min=volume,
            frames_min=int(frames),
            cooldown_rows=int(cooldown),
            quiet_outcomes=int(quiet),
        )

    def pack(self) -> Table:
        """Return one element of TRADING."""
        table = np.zeros(1, TRADING)
        row = table[0]
        row["costs"] = (self.round_trip, self.order_value, self.impact, self.settlements)
        last_look = row["filter"]
        for name in ("confidence_min", "noise_max", "sensitivity", "volume_min", "frames_min", "margin", "sigmas"):
            last_look[name] = getattr(self, name)
        row["both"] = self.both
        row["sharpness"] = self.sharpness
        row["outcomes_min"] = self.outcomes_min
        row["model_score"] = pack_model_score(self.half_life)[0]
        row["inputs"] = pack_page_hinkley(grace=20, tolerated=0.5, threshold=10.0)[0]
        row["predictions"] = pack_adwin(every=1)[0]
        row["errors"] = pack_adwin(every=1)[0]
        row["loss"] = pack_cusum(rising=True, reference=20, slack=0.25, threshold=12.0)[0]
        row["profit"] = pack_cusum(rising=False, reference=20, slack=0.25, threshold=12.0)[0]
        row["drift_response"] = pack_drift_response(self.cooldown_rows, self.quiet_outcomes)[0]
        for j, settings in enumerate(ONLINE_MODELS.values()):
            row["learners"][j] = settings.pack()[0]
        return table
