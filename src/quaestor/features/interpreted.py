"""Interpreted features: features run as plain Python, because they do not compile or to test compiled ones against.

They are computed after the compiled call of a plan, with the same values and about a hundred times slower.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import CodeType, FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quaestor.errors import ConfigError
from quaestor.features.evaluation import Evaluation
from quaestor.features.feature import Feature
from quaestor.jit.chain import Chain
from quaestor.jit.compile import interpreted
from quaestor.jit.tables import Matrix, Table


def interpret(feature: Feature) -> Feature:
    """Return the feature with its kernel, and the user's function that it calls, as plain Python."""
    return replace(feature, advance=_Plain(_plain_function(feature)), interpreted=True)


@dataclass(frozen=True, slots=True)
class _Plain:
    """Kernel as plain Python, in which a division by zero gives infinity or NaN without a warning, as when compiled."""

    advance: Callable[..., None]

    def __call__(self, *arguments: Any) -> None:
        with np.errstate(all="ignore"):
            self.advance(*arguments)


def _plain_function(feature: Feature) -> Callable[..., None]:
    if isinstance(feature.advance, _Plain):
        return feature.advance.advance
    plain: Any = interpreted(feature.advance)
    if feature.function is None:
        return plain
    return FunctionType(plain.__code__, plain.__globals__ | {"function": _Reading(feature.function)})


@dataclass(frozen=True, slots=True)
class _Reading:
    """Function that receives its array arguments as read-only."""

    function: Callable[..., object]

    def __call__(self, *arguments: Any) -> object:
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                argument.flags.writeable = False
        return self.function(*arguments)


def author_code(feature: Feature) -> CodeType:
    """Return the code that the feature's author wrote; ``co_filename`` and ``co_firstlineno`` locate it."""
    written: Any = feature.function or _plain_function(feature)
    code: CodeType = written.__code__
    return code


def append_interpreted(chain: Chain, evaluations: Sequence[Evaluation], copies: Sequence[tuple[int, int]]) -> Chain:
    """Return a chain that computes interpreted features after its compiled call, with one state for all.

    Args:
        chain: the compiled call, with the signature of a plan.
        evaluations: of interpreted features, in an order in which they can run.
        copies: (output row, output row that it is a copy of), copied after all evaluations.
    """
    fields = [("compiled", chain.state_dtype, (1,))]
    fields += [(f"s{k}", evaluation.instance.state_dtype, (1,)) for k, evaluation in enumerate(evaluations)]
    steps = tuple((evaluation, evaluation.instance.params()) for evaluation in evaluations)
    advance = _Sequence(chain.advance, steps, tuple(copies))
    return Chain(advance, np.dtype(fields, align=True), chain.source)


@dataclass(frozen=True, slots=True)
class _Sequence:
    """Callable ``advance(state, ts, columns, out, i, n)`` of a plan with interpreted features."""

    compiled: Callable[..., None]
    steps: tuple[tuple[Evaluation, Table], ...]
    copies: tuple[tuple[int, int], ...]

    def __call__(self, state: Table, ts: NDArray[np.int64], columns: Matrix, out: Matrix, i: int, n: int) -> None:
        self.compiled(state["compiled"][0], ts, columns, out, i, n)
        for k, (evaluation, params) in enumerate(self.steps):
            feature = evaluation.instance.feature
            stamps = (ts,) if feature.timed else ()
            parts = (out[source] for source in evaluation.sources)
            feature.advance(state[f"s{k}"][0], params, *stamps, columns, *parts, out[evaluation.rows], i, n)
        for row, source in self.copies:
            out[row, i:n] = out[source, i:n]


def require_compiled(compiled: Sequence[Evaluation], plain: Sequence[Evaluation]) -> None:
    """Refuse compiled features that depend on interpreted ones, which are computed after them.

    Raises:
        ConfigError: naming the compiled feature.
    """
    late = _rows(plain)
    for evaluation in compiled:
        if late.intersection(evaluation.sources):
            raise ConfigError(
                "takes the values of a feature that runs interpreted, which come after the compiled ones",
                place=f"feature {evaluation.instance.name}",
                remedy="make that part compile, or let this one run interpreted too",
            )


def split_copies(
    copies: Sequence[tuple[int, int]], plain: Sequence[Evaluation]
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the copies of rows that the compiled call computes, and those of rows that are interpreted after it."""
    late = _rows(plain)
    return [pair for pair in copies if pair[1] not in late], [pair for pair in copies if pair[1] in late]


def _rows(evaluations: Sequence[Evaluation]) -> set[int]:
    return {row for evaluation in evaluations for row in range(evaluation.rows.start, evaluation.rows.stop)}
