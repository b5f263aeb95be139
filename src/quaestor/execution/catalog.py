"""Every execution algorithm. A new one is one file in `algorithms/` and one line here."""

from quaestor.execution.algorithms import market, passive
from quaestor.jit.fuse import fuse

#: Name → the kernel that writes type, limit and time in force into an entry order.
ALGORITHMS = {
    "market": market.style,
    "passive": passive.style,
}


def _source() -> str:
    imports = "\n".join(f"from {kernel.__module__} import style as style_{name}" for name, kernel in ALGORITHMS.items())
    branches = "\n".join(
        f"    {'if' if number == 0 else 'elif'} algorithm == {number}:\n        style_{name}(order, event)"
        for number, name in enumerate(ALGORITHMS)
    )
    return f'''"""Generated from the catalog of execution algorithms."""

from quaestor.jit.compile import kernel
{imports}


@kernel
def style_entry(algorithm, order, event):
{branches}
'''


style_entry = fuse("execution", _source()).style_entry


def algorithm_index(name: str) -> int:
    """Number of an algorithm in the catalog."""
    return list(ALGORITHMS).index(name)
