"""What can be traded, and the integer grid on which its prices, quantities and money live."""

from dataclasses import dataclass, replace
from decimal import Decimal

from quaestor.errors import ConfigError
from quaestor.ledger.codes import ContractKind
from quaestor.numeric.arithmetic import RATE_ONE

_LIMIT = 2**62


@dataclass(frozen=True, slots=True)
class Instrument:
    """Rules of one instrument at one venue.

    Money is counted in quanta of the settlement asset. One lot at a price of one tick is worth `quanta_per_tick_lot`
    quanta, a whole number: products of ticks and lots are exact. For inverse contracts the fixed quote value of one
    lot divided by the price gives the base amount, rounded once per fill.

    Raises:
        ConfigError: when the grid cannot hold the instrument exactly in 64-bit integers.
    """

    symbol: str
    market: str  # "spot", "perp", "inverse", "equity": the name users choose by
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
    assumed: bool = False  # True when no table knows the symbol and the fine default grid was chosen

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
        """Whether the contract is worth a fixed amount of quote and settles in base."""
        return self.kind is ContractKind.INVERSE

    @property
    def is_margined(self) -> bool:
        """Whether only profit and loss move through cash (perpetuals), not the notional."""
        return self.kind in (ContractKind.LINEAR, ContractKind.INVERSE)

    @property
    def settlement_asset(self) -> str:
        """The asset in which the account keeps this instrument's money."""
        return self.base if self.is_inverse else self.quote

    @property
    def multiplier(self) -> int:
        """Quanta per tick and lot; for inverse contracts 1 (the division by the price comes in)."""
        return 1 if self.is_inverse else int(self.tick_size * self.lot_size / self.quantum)

    @property
    def inverse_numerator(self) -> int:
        """For inverse contracts: quanta of base that one lot is worth at a price of one tick; 0 otherwise."""
        if not self.is_inverse:
            return 0
        return int(self.contract_value * self.lot_size / self.tick_size / self.quantum)

    def to_quanta(self, amount: Decimal) -> int:
        """Whole quanta of a settlement amount, rounded toward zero."""
        return int(amount / self.quantum)

    def to_money(self, quanta: int) -> Decimal:
        """Settlement amount of a number of quanta."""
        return int(quanta) * self.quantum

    def to_price(self, ticks: int) -> Decimal:
        """Price of a number of ticks."""
        return int(ticks) * self.tick_size

    def to_quantity(self, lots: int) -> Decimal:
        """Quantity of a number of lots."""
        return int(lots) * self.lot_size

    def with_fees(self, maker: Decimal, taker: Decimal) -> "Instrument":
        """The same instrument under another fee schedule."""
        return replace(self, maker_fee=maker, taker_fee=taker)


def rate(fraction: Decimal | float) -> int:
    """A fraction as an integer in units of 1e-8, the only form in which kernels see rates.

    Example:
        >>> rate(Decimal("0.001"))
        100000
    """
    return int((Decimal(str(fraction)) * RATE_ONE).to_integral_value())
