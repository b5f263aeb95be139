"""What a feature is: a kernel and its declaration. Names are the field's short names and the parameters in order.

A feature's kernel is a module-level function ``advance(state, params, columns, out, i, n)``:

- `columns`: float64 (m, N), rows by `domain.market_matrix.Column`; `out`: float64 (n_outputs, N);
- it processes rows i … n−1 and reads and writes no other: what it needs of the past is in `state`;
- `state` and `params`: one-element structured arrays. A state of zero bytes is fresh.

A feature built on others names them as `parts` and takes the values of each, float64 (N,), after `columns`: a plan
computes a part once, whoever needs it. A `timed` feature takes the rows' time stamps (int64 ns UTC) before `columns`.

A name may end in a timeframe, ``rsi_14@1h``: the same feature on the bars of that length that have closed, the last
value held until the next one closes (see `features.frame`). ``rsi_14@4x`` is on bars of four rows, however long a row
is.

Missing values: a row in which an input is NaN or infinite (or not positive, where a logarithm is taken) gives NaN in
every output and is otherwise skipped, as if it did not exist: windows count the rows that are there.

Warm-up: every output is NaN in the first `warmup` rows (of those that are there) and a number from then on.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from quaestor.domain.parameter import Parameter, Value, always, pack_values
from quaestor.domain.timeframe import format_timeframe, parse_timeframe
from quaestor.errors import ConfigError, UnknownNameError
from quaestor.jit.tables import Table

_NAME = re.compile(
    r"(?P<stem>[a-z][a-z0-9_]*?)(?P<numbers>(?:_\d+(?:\.\d+)?)*)(?:\.(?P<output>[a-z][a-z0-9_]*))?(?:@(?P<frame>\w+))?"
)
_ROWS_OF_A_FRAME = re.compile(r"(?P<rows>[1-9]\d{0,8})x")

_NO_PARTS: Callable[..., tuple[str, ...]] = always(())


@dataclass(frozen=True, slots=True)
class Feature:
    """Declaration of a feature. `warmup`, `state_dtype`, `conflict` and `parts` take the values in declared order."""

    name: str  # the field's short name
    family: str
    doc: str  # formula, meaning and range
    units: str
    source: str  # paper or book
    inputs: tuple[int, ...]  # rows of the market matrix; those with the defaults where the values choose them
    outputs: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    advance: Callable[..., None]
    state_dtype: Callable[..., np.dtype[np.void]]
    warmup: Callable[..., int]  # rows
    conflict: Callable[..., str] | None = None  # why the values contradict one another, "" when they do not
    parts: Callable[..., tuple[str, ...]] = _NO_PARTS  # names of the features whose values the kernel takes
    timed: bool = False  # whether the kernel takes time stamps
    inputs_at: Callable[..., tuple[int, ...]] | None = None  # rows of the market matrix, where the values choose them
    function: Callable[..., object] | None = None  # what a user wrote for each row, where `advance` was made around it
    interpreted: bool = False  # whether `advance` is plain Python: slow, and in no compiled call
    origin: str = ""  # file of a user's definition; built in when empty

    def instance(self, *values: Value, output: int = 0, frame_ns: int = 0) -> "FeatureInstance":
        """This feature with values for all its parameters, or for none to take the defaults.

        Args:
            values: in declared order.
            output: which of its outputs.
            frame_ns: length of the bars that it is computed on; 0 for the rows as they come.

        Raises:
            ConfigError: for a wrong number of values, one out of range, or values that contradict one another.
        """
        place = f"feature {self.name}"
        chosen = values or tuple(parameter.default for parameter in self.parameters)
        if len(chosen) != len(self.parameters):
            raise ConfigError(
                f"{len(chosen)} parameters given, {len(self.parameters)} needed",
                place=place,
                remedy=f"write {self.pattern}",
            )
        checked = tuple(p.check(value, place) for p, value in zip(self.parameters, chosen, strict=True))
        problem = self.conflict(*checked) if self.conflict is not None else ""
        if problem:
            raise ConfigError(problem, place=place)
        return FeatureInstance(self, checked, output, frame_ns)

    @property
    def pattern(self) -> str:
        """How instances are written, such as ``bbands_LENGTH_WIDTH``."""
        return "_".join([self.name, *(p.name.upper() for p in self.parameters)])


@dataclass(frozen=True, slots=True)
class FeatureInstance:
    """One output of a feature with parameter values: what a name such as ``macd_12_26_9.signal`` means."""

    feature: Feature
    values: tuple[Value, ...]
    output: int = 0
    frame_ns: int = 0  # length of the bars that it is computed on; 0 for the rows as they come
    frame_rows: int = 0  # the same length in rows, until that of a row is known

    @property
    def stem(self) -> str:
        """Name of the evaluation that all outputs share, such as ``macd_12_26_9``, without the timeframe."""
        texts = [p.format(value) for p, value in zip(self.feature.parameters, self.values, strict=True)]
        return "_".join([self.feature.name, *texts])

    @property
    def name(self) -> str:
        """Canonical name: the stem, the output where its name is not the feature's own, the timeframe if any."""
        output = self.feature.outputs[self.output]
        frame = f"@{self.frame}" if self.frame else ""
        return (self.stem if output == self.feature.name else f"{self.stem}.{output}") + frame

    @property
    def frame(self) -> str:
        """The timeframe as it is written, such as ``1h`` or ``4x``; empty for the rows as they come."""
        if self.frame_rows:
            return f"{self.frame_rows}x"
        return format_timeframe(self.frame_ns) if self.frame_ns else ""

    @property
    def inputs(self) -> tuple[int, ...]:
        """Rows of the market matrix that it reads."""
        chosen = self.feature.inputs_at
        return self.feature.inputs if chosen is None else chosen(*self.values)

    @property
    def warmup(self) -> int:
        """Rows, or bars of its timeframe, without a value at the start."""
        return self.feature.warmup(*self.values)

    @property
    def state_dtype(self) -> np.dtype[np.void]:
        """Layout of the state of one evaluation."""
        return self.feature.state_dtype(*self.values)

    def on_rows(self) -> "FeatureInstance":
        """The same without the timeframe."""
        return replace(self, frame_ns=0, frame_rows=0)

    def on_interval(self, interval_ns: int) -> "FeatureInstance":
        """The same on rows of a known length: a timeframe counted in rows becomes one in time.

        Raises:
            ConfigError: a timeframe counted in rows of unknown length.
        """
        if not self.frame_rows:
            return self
        if interval_ns <= 0:
            raise ConfigError(
                "a timeframe needs rows of a known length",
                place=f"feature {self.name}",
                remedy="leave out the part from @",
            )
        return replace(self, frame_ns=self.frame_rows * interval_ns, frame_rows=0)

    def params(self) -> Table:
        """The values as the kernel takes them."""
        return pack_values(self.feature.parameters, self.values)


def parse_instance(text: str, catalog: Iterable[Feature]) -> FeatureInstance:
    """The instance that a name stands for; a name without numbers takes the defaults, one without output the first.

    Raises:
        UnknownNameError: no such feature or output; the message lists what is near.
        ConfigError: a parameter is missing, out of range or contradicts another.
    """
    features = {feature.name: feature for feature in catalog}
    match = _NAME.fullmatch(text.strip())
    if match is None:
        raise UnknownNameError("feature", text.strip(), (f.instance().stem for f in features.values()))
    if match["stem"] not in features:
        raise UnknownNameError("feature", match["stem"], features, place=f"feature {text.strip()}")
    feature = features[match["stem"]]
    output = match["output"] or feature.outputs[0]
    if output not in feature.outputs:
        raise UnknownNameError(f"output of {feature.name}", output, feature.outputs, place=f"feature {text.strip()}")
    numbers = match["numbers"].split("_")[1:]
    place = f"feature {text.strip()}"
    if numbers and len(numbers) != len(feature.parameters):
        raise ConfigError(
            f"{len(numbers)} parameters given, {len(feature.parameters)} needed",
            place=place,
            remedy=f"write {feature.pattern}",
        )
    values = [p.parse(number, place) for p, number in zip(feature.parameters, numbers, strict=False)]
    instance = feature.instance(*values, output=feature.outputs.index(output))
    return _on_frame(instance, match["frame"]) if match["frame"] else instance


def _on_frame(instance: FeatureInstance, frame: str) -> FeatureInstance:
    counted = _ROWS_OF_A_FRAME.fullmatch(frame)
    if counted is not None:
        return replace(instance, frame_rows=int(counted["rows"]))
    return replace(instance, frame_ns=parse_timeframe(frame))
