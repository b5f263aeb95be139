"""Feature: a kernel and its declaration, with a canonical name made of the field's short name and the parameters.

A feature's kernel is a module-level function ``advance(state, params, columns, out, i, n)``:

- `columns`: float64 (m, N), rows by `domain.market_matrix.Column`; `out`: float64 (n_outputs, N);
- it processes rows i … n−1 and reads and writes no others: all that it needs of the past is in `state`;
- `state` and `params`: one-element structured arrays. Zero bytes are the initial state.

A feature built on others names them as `parts` and takes the values of each, float64 (N,), after `columns`; a plan
computes a shared part once. A `timed` feature takes the rows' time stamps (int64 ns UTC) before `columns`.

A name may end in a timeframe, ``rsi_14@1h``: the same feature on the closed bars of that length, its last value held
until the next bar closes (see `features.frame`). ``rsi_14@4x`` is computed on bars of four rows of any length.

Missing values: a row in which an input is NaN or infinite (or not positive, where a logarithm is taken) gives NaN in
every output and is otherwise skipped, as if it did not exist: windows count the rows that are complete.

Warm-up: every output is NaN in the first `warmup` complete rows and a number from then on.
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
    """Declaration of a feature; `warmup`, `state_dtype`, `conflict` and `parts` take the values in declared order."""

    name: str  # the field's short name
    family: str
    doc: str  # formula, meaning and range
    units: str
    source: str  # paper or book
    inputs: tuple[int, ...]  # rows of the market matrix that it reads; with `inputs_at`, those of the default values
    outputs: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    advance: Callable[..., None]
    state_dtype: Callable[..., np.dtype[np.void]]
    warmup: Callable[..., int]  # rows
    conflict: Callable[..., str] | None = None  # why the values contradict one another, or ""
    parts: Callable[..., tuple[str, ...]] = _NO_PARTS  # names of the features whose values the kernel takes
    timed: bool = False  # whether the kernel takes time stamps
    inputs_at: Callable[..., tuple[int, ...]] | None = None  # inputs of a feature whose values determine its inputs
    function: Callable[..., object] | None = None  # a user's function of windows, which the generated `advance` calls
    interpreted: bool = False  # whether `advance` is plain Python: slow, and outside any compiled call
    origin: str = ""  # file of a user's definition; empty for a built-in one

    def instance(self, *values: Value, output: int = 0, frame_ns: int = 0) -> "FeatureInstance":
        """Return an instance of this feature with the given parameter values, or with the defaults.

        Args:
            values: one for each parameter in declared order, or none for the defaults.
            output: index of the output.
            frame_ns: length of the bars that it is computed on; 0 for the rows themselves.

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
        """Form of the canonical names of instances, such as ``bbands_LENGTH_WIDTH``."""
        return "_".join([self.name, *(p.name.upper() for p in self.parameters)])


@dataclass(frozen=True, slots=True)
class FeatureInstance:
    """One output of a feature with parameter values, denoted by a name such as ``macd_12_26_9.signal``."""

    feature: Feature
    values: tuple[Value, ...]
    output: int = 0
    frame_ns: int = 0  # length of the bars that it is computed on; 0 for the rows themselves
    frame_rows: int = 0  # that length in rows, while the length of a row is unknown

    @property
    def stem(self) -> str:
        """Name of the evaluation shared by all outputs, such as ``macd_12_26_9``, without the timeframe."""
        texts = [p.format(value) for p, value in zip(self.feature.parameters, self.values, strict=True)]
        return "_".join([self.feature.name, *texts])

    @property
    def name(self) -> str:
        """Canonical name: the stem, the output unless it has the feature's own name, and the timeframe if any."""
        output = self.feature.outputs[self.output]
        frame = f"@{self.frame}" if self.frame else ""
        return (self.stem if output == self.feature.name else f"{self.stem}.{output}") + frame

    @property
    def frame(self) -> str:
        """Timeframe in text form, such as ``1h`` or ``4x``; empty for the rows themselves."""
        if self.frame_rows:
            return f"{self.frame_rows}x"
        return format_timeframe(self.frame_ns) if self.frame_ns else ""

    @property
    def inputs(self) -> tuple[int, ...]:
        """Rows of the market matrix that the instance reads."""
        chosen = self.feature.inputs_at
        return self.feature.inputs if chosen is None else chosen(*self.values)

    @property
    def warmup(self) -> int:
        """Number of rows, or of bars of its timeframe, before the first value."""
        return self.feature.warmup(*self.values)

    @property
    def state_dtype(self) -> np.dtype[np.void]:
        """Layout of the state of one evaluation."""
        return self.feature.state_dtype(*self.values)

    def on_rows(self) -> "FeatureInstance":
        """Return the same instance without its timeframe."""
        return replace(self, frame_ns=0, frame_rows=0)

    def on_interval(self, interval_ns: int) -> "FeatureInstance":
        """Return the instance for rows of a known length: a timeframe counted in rows is converted to time.

        Raises:
            ConfigError: the timeframe is counted in rows and the length of a row is unknown.
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
        """Return the parameter values in the form that the kernel takes."""
        return pack_values(self.feature.parameters, self.values)


def parse_instance(text: str, catalog: Iterable[Feature]) -> FeatureInstance:
    """Return the instance that a name denotes; missing numbers mean the defaults, a missing output the first.

    Raises:
        UnknownNameError: no such feature or output; the message lists similar names.
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
