"""Order request: an order that the officer is to evaluate without placing it."""

from dataclasses import dataclass

from quaestor.errors import ConfigError


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order to be evaluated; `symbol` None: the only one of the account; `price` None: the last close."""

    side: str
    quantity: str
    symbol: str | None = None
    price: str | None = None

    @classmethod
    def parse(cls, text: str, symbol: str | None = None) -> "OrderRequest":
        """Read ``SIDE:QUANTITY`` or ``SIDE:QUANTITY:SYMBOL``; `symbol` is of an order that names none.

        Raises:
            ConfigError: the text is neither.
        """
        parts = text.split(":")
        if len(parts) not in (2, 3):
            raise ConfigError(f"'{text}' is no order", place="--order", remedy="give one such as buy:0.05:BTCUSDT")
        return cls(parts[0], parts[1], parts[2] if len(parts) == 3 else symbol)
