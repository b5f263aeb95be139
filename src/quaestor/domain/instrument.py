"""Instrument: the rules of a tradable contract and the integer grid of its prices, quantities and money."""

from dataclasses import dataclass, replace
from decimal import Decimal

from quaestor.errors import ConfigError
from quaestor.ledger.codes import ContractKind
from quaestor.numeric.arithmetic import RATE_ONE

_LIMIT = 2**62


@dataclass(frozen=True, slots=True)
class Instrument:
    """Rules and grid of one instrument at one venue.

    Money is counted in quanta of the settlement asset. One lot at a price of one tick is worth `quanta_per_tick_lot`
    quanta, a whole number: products of ticks and lots are exact. For inverse contracts the fixed quote value of one
    lot divided by the price gives the base amount, rounded once per fill.

    Raises:
        ConfigError: when the grid cannot hold the instrument exactly in 64-bit integers.
    """

    symbol: str
    market: str  # "spot", "perp", "inverse" or "equity", as users name it
    kind: ContractKind
    base: str
    quote: str
    tick_size: Decimal  # price of one tick, in quote
    lot_size: Decimal  # quantity of one lot, in base units (contracts for inverse)
    quantum: Decimal  # smallest unit of the settlement asset's balance
    min_notional: Decimal  # in the settlement asset (quote for inverse)
    max_price: Decimal
    max_quantity: Decimal
    maker_fee: Decimal  # fraction: 0.001 is 10 bps; negative is a rebate
    taker_fee: Decimal
    maintenance_margin: Decimal = Decimal("0.005")
    shortable: bool = False
    contract_value: Decimal = Decimal(1)  # quote value of one contract (inverse only)
    assumed: bool = False  # True when no table holds the symbol and the fine default grid was chosen

    def __post_init__(self) -> None:
        for name in ("tick_size", "lot_size", "quantum", "max_price", "max_quantity"):
            if getattr(self, name) <= 0:
                raise ConfigError(f"{name} must be positive", place=f"instrument {self.symbol}")
        if not self.is_inverse:
            ratio = self.tick_size * self.lot_size / self.quantum
            if ratio != ratio.to_integral_value() or ratio < 1:
                raise ConfigError(
                    f"tick × lot = {self.tick_size * self.lot_size} is no whole number of quanta of {self.quantum}",
                    place=f"instrument {self.symbol}",
                    remedy="choose a finer quantum",
                )
        if int(self.max_price / self.tick_size) * int(self.max_quantity / self.lot_size) * self.multiplier > _LIMIT:
            raise ConfigError(
                "the largest price times the largest quantity does not fit 62 bits",
                place=f"instrument {self.symbol}",
                remedy="lower max_quantity or coarsen the tick, the lot or the quantum",
            )

    @property
    def is_inverse(self) -> bool:
        """Return whether the contract has a fixed value in quote and settles in base."""
        return self.kind is ContractKind.INVERSE

    @property
    def is_margined(self) -> bool:
        """Return whether only profit and loss move through cash (perpetuals), not the notional."""
        return self.kind in (ContractKind.LINEAR, ContractKind.INVERSE)

    @property
    def settlement_asset(self) -> str:
        """Return the asset in which profit and loss, fees and funding are settled."""
        return self.base if self.is_inverse else self.quote

    @property
    def multiplier(self) -> int:
        """Return quanta per tick and lot; 1 for inverse contracts, which divide by the price instead."""
        return 1 if self.is_inverse else int(self.tick_size * self.lot_size / self.quantum)

    @property
    def inverse_numerator(self) -> int:
        """Return quanta of base that one lot of an inverse contract is worth at a price of one tick; 0 for others."""
        if not self.is_inverse:
            return 0
        return int(self.contract_value * self.lot_size / self.tick_size / self.quantum)

    def to_quanta(self, amount: Decimal) -> int:
        """Return a settlement amount in whole quanta, rounded toward zero."""
        return int(amount / self.quantum)

    def to_money(self, quanta: int) -> Decimal:
        """Return the settlement amount of a number of quanta."""
        return int(quanta) * self.quantum

    def to_price(self, ticks: int) -> Decimal:
        """Return the price, in quote, of a number of ticks."""
        return int(ticks) * self.tick_size

    def to_quantity(self, lots: int) -> Decimal:
        """Return the quantity of a number of lots."""
        return int(lots) * self.lot_size

    def with_fees(self, maker: Decimal, taker: Decimal) -> "Instrument":
        """Return the same instrument with other fees, as fractions."""
        return replace(self, maker_fee=maker, taker_fee=taker)


def rate(fraction: Decimal | float) -> int:
    """Return a fraction as an integer in units of 1e-8, the only form of rates in kernels.

    Example:
        >>> rate(Decimal("0.001"))
        100000
    """
    return int((Decimal(str(fraction)) * RATE_ONE).to_integral_value())
