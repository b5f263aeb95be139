"""Market exits of a position: the first that is due after a bar, from the whole catalog."""

from quaestor.jit.compile import inlined
from quaestor.jit.fuse import fuse
from quaestor.jit.tables import Row
from quaestor.risk.exits.catalog import MARKET_EXITS


def _source() -> str:
    """Return the source of a kernel that evaluates every market exit in order."""
    imports = "\n".join(f"from {item.due.__module__} import due as due_{item.name}" for item in MARKET_EXITS)
    checks = "\n".join(
        f"""    if due_{item.name}(params["{item.name}"], state, event, position, instrument, side):
        return {int(item.purpose)}"""
        for item in MARKET_EXITS
    )
    return f'''"""Generated from the catalog of market exits."""

from quaestor.jit.compile import kernel
{imports}


@kernel
def first_due(params, state, event, position, instrument, side):
{checks}
    return 0
'''


_first_due = fuse("market_exits", _source()).first_due


@inlined
def due_exit(state: Row, params: Row, event: Row, position: Row, instrument: Row) -> int:
    """Return the `Purpose` of the first market exit due; 0 for none and while flat. Call it after `trailed_stop`."""
    lots = position["lots"]
    if lots == 0:
        return 0
    return _first_due(params, state, event, position, instrument, 1 if lots > 0 else -1)
