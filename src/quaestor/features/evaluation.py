"""Evaluation order: the evaluations that requested features need, and the output rows that each of them fills."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from quaestor.features.feature import Feature, FeatureInstance, parse_instance


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Feature with its parameter values: writes all its outputs from output row `first` on, from the rows `sources`."""

    instance: FeatureInstance
    first: int
    sources: tuple[int, ...]  # output rows of its parts, which are evaluated earlier

    @property
    def rows(self) -> slice:
        """Output rows that the evaluation writes."""
        return slice(self.first, self.first + len(self.instance.feature.outputs))


@dataclass(slots=True)
class Arrangement:
    """Evaluations in an order in which they can run, and the output rows that they fill.

    The requested rows come first, then the others: unrequested outputs of a feature, and parts. A feature needed more
    than once, by name, through several outputs or as a part, is evaluated once.
    """

    names: list[str]  # of each output row
    catalog: Sequence[Feature]
    evaluations: list[Evaluation] = field(default_factory=list)
    copies: list[tuple[int, int]] = field(
        default_factory=list
    )  # (row, row that it is a copy of), copied after all evaluations
    inputs: set[int] = field(default_factory=set)  # rows of the market matrix
    placed: dict[str, int] = field(default_factory=dict)  # stem of an evaluation -> its first row

    def request(self, row: int, requested: Sequence[FeatureInstance]) -> None:
        """Arrange the evaluation or copy that fills output `row` with the instance requested there."""
        instance = requested[row]
        source = self._place(instance, row if self._fits(row, requested) else None) + instance.output
        if source != row:
            self.copies.append((row, source))

    def _fits(self, row: int, requested: Sequence[FeatureInstance]) -> bool:
        """Return whether all outputs of the instance at `row` can be written from there on, overwriting no others."""
        instance = requested[row]
        outputs = [output_of(instance, k).name for k in range(len(instance.feature.outputs))]
        in_order = [other.name for other in requested[row : row + len(outputs)]]
        if in_order != outputs[: len(in_order)]:
            return False
        at_the_end = len(self.names) == len(requested) and not instance.feature.parts(*instance.values)
        return len(in_order) == len(outputs) or at_the_end

    def _place(self, instance: FeatureInstance, free: int | None = None) -> int:
        """Return the first row of an evaluation; a new one is placed at `free` if given, otherwise at the end."""
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


def arrange(requested: Sequence[FeatureInstance], catalog: Sequence[Feature]) -> Arrangement:
    """Return the arrangement of the requested instances; rows on a timeframe are left for the caller to fill."""
    arrangement = Arrangement([instance.name for instance in requested], catalog)
    for row, instance in enumerate(requested):
        if not instance.frame_ns:
            arrangement.request(row, requested)
    return arrangement


def output_of(instance: FeatureInstance, output: int) -> FeatureInstance:
    """Return another output of the same evaluation."""
    return FeatureInstance(instance.feature, instance.values, output)
