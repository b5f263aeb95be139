"""What a learned strategy thought at every bar of a run: its open loops run again, its models as the run had them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from quaestor.brain.learned.outputs import N_FIXED, Output
from quaestor.kernels.chain import Matrix
from quaestor.runtime.assemble import Assembly
from quaestor.runtime.diary import Entry, Remembered, keep_models
from quaestor.runtime.recorder import NoRecorder


@dataclass(frozen=True, slots=True, eq=False)
class Opinions:
    """Opinions of one instrument, a column a bar.

    Attributes:
        symbol: of the instrument; `models`: names, in order.
        ts: int64 (n,), open times.
        fixed: float64 (`N_FIXED`, n), rows by `Output`.
        probability: float64 (m, n), each model's calibrated probability of *up*; NaN where it has none.
        weight: float64 (m, n), shares of the pool.
        regimes: int8 (n,), as the decision saw them.
    """

    symbol: str
    models: tuple[str, ...]
    ts: NDArray[np.int64]
    fixed: Matrix
    probability: Matrix
    weight: Matrix
    regimes: NDArray[np.int8]

    def between(self, start_ts: int, end_ts: int) -> "Opinions":
        """Those of bars that open in [start, end)."""
        rows = slice(int(np.searchsorted(self.ts, start_ts)), int(np.searchsorted(self.ts, end_ts)))
        return replace(
            self,
            ts=self.ts[rows],
            fixed=self.fixed[:, rows],
            probability=self.probability[:, rows],
            weight=self.weight[:, rows],
            regimes=self.regimes[rows],
        )

    @property
    def score(self) -> NDArray[np.float64]:
        """Pooled probability of *up*; NaN without an opinion."""
        return self.fixed[Output.SCORE]

    def row(self, output: Output) -> NDArray[np.int64]:
        """A row of whole numbers, such as the reason to abstain."""
        return self.fixed[output].astype(np.int64)


def read_opinions(assembly: Assembly, entries: Sequence[Entry]) -> tuple[Opinions, ...]:
    """Of every member of a run that has ended; nothing is trained again.

    Args:
        assembly: of the run.
        entries: what became of its models.
    """
    again = replace(assembly, trainer=Remembered(entries, None))
    feed = again.feed()
    keep_models(again, feed, NoRecorder())
    keeping = assembly.keeping
    models = keeping.models[0].artefact.manifest.models if keeping is not None else ()
    rows = N_FIXED + 2 * len(models)
    parts: list[list[tuple[Matrix, NDArray[np.int8]]]] = [[] for _ in feed.loops]
    for stretch in feed.stretches():
        feed.produce(stretch)
        for part, loop, count in zip(parts, feed.loops, stretch.counts, strict=True):
            part.append((loop.opinion[:rows, :count].copy(), loop.regimes[:count].copy()))
    found = []
    for member, part in zip(assembly.members, parts, strict=True):
        opinion = np.concatenate([each for each, _ in part], axis=1)
        regimes = np.concatenate([each for _, each in part])
        each = (opinion[:N_FIXED], opinion[N_FIXED::2], opinion[N_FIXED + 1 :: 2])
        found.append(Opinions(member.bars.symbol, models, member.bars.ts, *each, regimes))
    return tuple(found)
