"""Fused plans: a chosen set of features in one compiled call, the same for all rows at once and for one at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from quaestor.features.catalog import parse_feature
from quaestor.features.feature import FeatureInstance
from quaestor.kernels.chain import Chain, Link, Matrix, chain_kernels, copy_series
from quaestor.kernels.layout import Table


@dataclass(frozen=True, slots=True)
class FeaturePlan:
    """A compiled set of features.

    Rows of the output are the requested features in their order, then the outputs that came along unrequested (a
    feature with three outputs is computed whole). A feature asked for twice, or through several of its outputs, is
    computed once.
    """

    requested: tuple[FeatureInstance, ...]
    instances: tuple[FeatureInstance, ...]  # one for each evaluation, in the order in which they run
    names: tuple[str, ...]  # canonical name of each output row
    chain: Chain
    #: ``advance(state, columns, out, i, n)``: rows i … n−1 of `columns` (5, N) into `out` (n_outputs, N), one call.
    advance: Callable[[Table, Matrix, Matrix, int, int], None]

    @property
    def n_outputs(self) -> int:
        """Rows that `out` must have."""
        return len(self.names)

    @property
    def n_requested(self) -> int:
        """Leading rows of `out` that were asked for."""
        return len(self.requested)

    @property
    def warmup(self) -> int:
        """Rows until every feature is defined."""
        return max((instance.warmup for instance in self.instances), default=0)

    def new_state(self) -> Table:
        """A fresh state: one element; its bytes are all that a restart needs."""
        return self.chain.new_state()


def make_plan(requested: Sequence[str | FeatureInstance]) -> FeaturePlan:
    """The plan of some features, by canonical name or instance.

    Raises:
        UnknownNameError, ConfigError: see `catalog.parse_feature`.

    Example:
        >>> plan = make_plan(["macd_12_26_9.hist", "ema_20", "macd_12_26_9"])
        >>> plan.names
        ('macd_12_26_9.hist', 'ema_20', 'macd_12_26_9', 'macd_12_26_9', 'macd_12_26_9.signal', 'macd_12_26_9.hist')
        >>> [instance.stem for instance in plan.instances], plan.n_requested
        (['macd_12_26_9', 'ema_20'], 3)
    """
    wanted = tuple(parse_feature(item) if isinstance(item, str) else item for item in requested)
    names = [instance.name for instance in wanted]
    placed: dict[str, int] = {}  # evaluation -> its first row in the output
    links: list[Link] = []
    instances: list[FeatureInstance] = []
    copies: list[Link] = []
    for row, instance in enumerate(wanted):
        if instance.stem not in placed:
            first = _first_row(wanted, row)
            if first is None:
                first = len(names)
                names += [FeatureInstance(instance.feature, instance.values, k).name for k in _outputs(instance)]
            placed[instance.stem] = first
            instances.append(instance)
            links.append(_link(instance, first))
        source = placed[instance.stem] + instance.output
        if source != row:
            copies.append(Link(copy_series, ("out", str(row), "out", str(source), "i", "n")))
    chain = chain_kernels("features", links + copies, ("columns", "out", "i", "n"), [("out", len(names))])
    return FeaturePlan(wanted, tuple(instances), tuple(names), chain, chain.advance)


def _outputs(instance: FeatureInstance) -> range:
    return range(len(instance.feature.outputs))


def _first_row(wanted: Sequence[FeatureInstance], row: int) -> int | None:
    """`row` when all outputs of the instance were asked for there, in order: then they need no copy; None otherwise."""
    instance = wanted[row]
    asked = [(other.stem, other.output) for other in wanted[row : row + len(instance.feature.outputs)]]
    return row if asked == [(instance.stem, k) for k in _outputs(instance)] else None


def _link(instance: FeatureInstance, first: int) -> Link:
    rows = f"out[{first}:{first + len(instance.feature.outputs)}]"
    return Link(instance.feature.advance, ("columns", rows, "i", "n"), instance.state_dtype, instance.params())


def compute(plan: FeaturePlan, columns: Matrix, out: Matrix | None = None) -> Matrix:
    """All rows at once: float64 (n_outputs, N), NaN during warm-up; into `out` when it is given."""
    n = columns.shape[1]
    result = np.empty((plan.n_outputs, n)) if out is None else out
    plan.advance(plan.new_state(), columns, result, 0, n)
    return result
