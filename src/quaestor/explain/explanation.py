"""Explanation as data: inputs, opinion, verdict and orders of one decision."""

from dataclasses import dataclass

from quaestor.explain.opinion import TrainedOpinion


@dataclass(frozen=True, slots=True)
class OrderStep:
    """Row of the order stream in units of the market."""

    ts: int
    order_id: int
    client_id: str
    action: str
    purpose: str
    type: str
    side: str
    quantity: float
    price: float | None
    fee: float
    reason: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whole chain of one decision. Quantities, prices and money are in units of the market."""

    decision: int
    ts: int
    symbol: str
    base: str
    quote: str
    strategy: str
    close: float
    flags: list[str]
    features: dict[str, float]
    regime_features: tuple[str, ...]  # those that no strategy read, but the regime filter
    regime: str
    signal: float | None
    confidence: float
    outputs: dict[str, float]  # of the signal model, by name; empty where it has one signal only
    opinion: TrainedOpinion | None  # of a trained model
    decided: int | None  # number of the decision by which a trained model's position is held
    position: float
    target: float
    sizer: str  # whose size was the smallest; empty when nothing was sized
    approved_target: float
    verdict: str
    layer: str
    rule: str
    meaning: str  # of the rule
    measured: float
    limit: float
    unit: str
    breakers: list[str]
    equity: float
    orders: list[OrderStep]
    result: float | None  # of the round trip that this decision opened, when it has ended
