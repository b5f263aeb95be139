"""What has to be evaluated, and where it goes, so that features come out in the order in which they were asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from quaestor.features.feature import Feature, FeatureInstance, parse_instance


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One feature with its values: all its outputs, from output row `first` on, computed from the rows `sources`."""

    instance: FeatureInstance
    first: int
    sources: tuple[int, ...]  # output rows of its parts, which are evaluated before

    @property
    def rows(self) -> slice:
        """Its rows of the output."""
        return slice(self.first, self.first + len(self.instance.feature.outputs))


@dataclass(slots=True)
class Arrangement:
    """Evaluations in an order in which they can run, and the rows of the output they fill.

    Rows are first those asked for, then what comes along: outputs of a feature that nobody asked for, and parts. What
    is needed twice, by name, through several outputs or as a part, is evaluated once.
    """

    names: list[str]  # of each output row
    catalog: Sequence[Feature]
    evaluations: list[Evaluation] = field(default_factory=list)
    copies: list[tuple[int, int]] = field(
        default_factory=list
    )  # (row, row that it is a copy of), once all is evaluated
    inputs: set[int] = field(default_factory=set)  # rows of the market matrix
    placed: dict[str, int] = field(default_factory=dict)  # evaluation -> its first row

    def request(self, row: int, wanted: Sequence[FeatureInstance]) -> None:
        """Have output `row` filled with what is wanted there."""
        instance = wanted[row]
        source = self._place(instance, row if self._fits(row, wanted) else None) + instance.output
        if source != row:
            self.copies.append((row, source))

    def _fits(self, row: int, wanted: Sequence[FeatureInstance]) -> bool:
        """Whether all outputs of what is wanted at `row` may be written from there on, without overwriting others."""
        instance = wanted[row]
        outputs = [output_of(instance, k).name for k in range(len(instance.feature.outputs))]
        in_order = [other.name for other in wanted[row : row + len(outputs)]]
        if in_order != outputs[: len(in_order)]:
            return False
        at_the_end = len(self.names) == len(wanted) and not instance.feature.parts(*instance.values)
        return len(in_order) == len(outputs) or at_the_end

    def _place(self, instance: FeatureInstance, free: int | None = None) -> int:
        """First row of an evaluation; a new one goes to `free` when that is given, to the end otherwise."""
        if instance.stem in self.placed:
            return self.placed[instance.stem]
        feature = instance.feature
        parts = [parse_instance(name, self.catalog) for name in feature.parts(*instance.values)]
        sources = tuple(self._place(part) + part.output for part in parts)
        first = len(self.names) if free is None else free
        self.names += [output_of(instance, k).name for k in range(len(self.names) - first, len(feature.outputs))]
        self.placed[instance.stem] = first
        self.evaluations.append(Evaluation(instance, first, sources))
        self.inputs.update(instance.inputs)
        return first


def arrange(wanted: Sequence[FeatureInstance], catalog: Sequence[Feature]) -> Arrangement:
    """The arrangement of what is wanted; rows wanted on a timeframe are left for the caller to fill."""
    arrangement = Arrangement([instance.name for instance in wanted], catalog)
    for row, instance in enumerate(wanted):
        if not instance.frame_ns:
            arrangement.request(row, wanted)
    return arrangement


def output_of(instance: FeatureInstance, output: int) -> FeatureInstance:
    """Another output of the same evaluation."""
    return FeatureInstance(instance.feature, instance.values, output)
