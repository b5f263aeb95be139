"""A position as it will be once the entries in flight have filled; as it is while nothing is promised."""

from quaestor.kernels.compile import kernel
from quaestor.kernels.layout import Row


@kernel
def expected_lots(book: Row) -> int:
    """Signed lots."""
    promised: int = book["risk"]["promised_lots"]
    held: int = book["position"]["lots"]
    return promised if promised != 0 else held


@kernel
def expected_notional(book: Row) -> float:
    """Worth in quanta, ≥ 0, never less than that of what is held."""
    return float(book["position"]["notional"] + book["risk"]["promised_notional"])
