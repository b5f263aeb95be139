"""Feature selection run: from bars to a selection of features with its measured skill."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.optional import load_extra
from quaestor.domain.bars import Bars
from quaestor.engine.market_rows import as_seen
from quaestor.features.candidates import candidates
from quaestor.features.feature import FeatureInstance
from quaestor.ports.progress import NO_PROGRESS, Progress
from quaestor.research.selection.gather import (
    CHUNK_ROWS,
    Sample,
    gather,
    known_columns,
    step_rows,
    training_part,
)
from quaestor.research.selection.importance import Ranking, rank_candidates
from quaestor.research.selection.ranks import areas_under_curve, centred_ranks
from quaestor.research.selection.result import Chosen, FoldSpan, Selection
from quaestor.research.selection.settings import SelectionSettings
from quaestor.research.selection.skill import ACCURACY_MAX, CHANCE_MAX, Skill, measure_skill
from quaestor.research.training.folds import Fold

_EMBARGO_SHARE = 0.01
_SUSPECT = 0.1
_LUCK = 4.0
_LIBRARIES = ("numpy", "scipy", "lightgbm")


@dataclass(frozen=True, slots=True)
class Finding:
    """Selection of a sample, without stamps and files: see `Selection` for the fields."""

    chosen: tuple[Chosen, ...]
    clusters: int
    agreement: float
    folds: tuple[Fold, ...]
    skill: Skill
    suspects: tuple[str, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """Return the warnings that a reader needs, most important first."""
        skill = self.skill
        warnings = []
        if skill.is_implausible:
            warnings.append(
                f"accuracy {skill.accuracy:.1%} on rows never seen is above {ACCURACY_MAX:.0%}: "
                "treat it as leakage until disproved"
            )
        if self.suspects:
            warnings.append(
                f"by itself implausibly good, treat as leakage until disproved: {', '.join(self.suspects[:10])}"
                + (f" and {len(self.suspects) - 10} more" if len(self.suspects) > 10 else "")
            )
        if not skill.is_distinguishable:
            warnings.append(
                f"skill is indistinguishable from the base rate: {skill.chance:.0%} of shuffled labels do as well "
                f"(AUC {skill.auc:.3f}), and {CHANCE_MAX:.0%} is the most that counts"
            )
        elif skill.log_loss >= skill.base_log_loss:
            warnings.append(
                "forecasts are in a better order than chance, but as probabilities no better than the base rate"
            )
        return tuple(warnings)


def steps(bars: int, settings: SelectionSettings) -> int:
    """Return about how many stages a selection of so many bars has."""
    chunks = -(-int(bars * (1.0 - settings.test_share)) // CHUNK_ROWS)
    return chunks + settings.folds * (settings.windows + 1) + settings.windows


def select_features(
    bars: Bars,
    settings: SelectionSettings,
    requested: Sequence[FeatureInstance] | None = None,
    *,
    progress: Progress = NO_PROGRESS,
) -> Selection:
    """Choose features that predict the direction of the return ahead.

    The test period is cut off first; all else uses only what is left. Candidates are computed at sampled rows, those
    that look alike are grouped, groups are ranked by what their best is worth to a model on purged folds
    (`importance`), and the skill of doing all this is measured walk forward (`skill`).

    Args:
        bars: of one instrument.
        settings: see `SelectionSettings`.
        requested: the candidates; `features.candidates` of what the bars hold when None.
        progress: receives the stages, see `steps`.

    Raises:
        DataError: too few rows, or bars that lack what a candidate reads.
        ConfigError: a timeframe that the rows cannot build, too few samples for the folds, or a library is missing.
    """
    for library in ("scipy", "lightgbm"):
        load_extra(library, place="feature selection")
    training = as_seen(training_part(bars, settings.test_share))
    instances = requested
    if instances is None:
        instances = candidates(known=known_columns(training), timeframes=settings.timeframes)
    sample, dropped = gather(training, instances, settings, progress)
    embargo_rows = round(len(training) * _EMBARGO_SHARE) if settings.embargo_rows is None else settings.embargo_rows
    finding = find(sample, settings, embargo_rows, progress)
    return Selection(
        features=tuple(chosen.name for chosen in finding.chosen),
        symbol=training.symbol,
        interval_ns=training.interval_ns,
        first_ts=int(training.ts[0]),
        last_ts=int(training.ts[-1]),
        training_rows=len(training),
        test_rows=len(bars) - len(training),
        samples=len(sample),
        step_rows=step_rows(training, settings),
        embargo_rows=embargo_rows,
        candidates=len(instances),
        dropped=tuple(dropped),
        clusters=finding.clusters,
        agreement=finding.agreement,
        chosen=finding.chosen,
        folds=tuple(_span(fold, training, sample) for fold in finding.folds),
        skill=finding.skill,
        suspects=finding.suspects,
        warnings=finding.warnings,
        settings=settings,
        fingerprint=_fingerprint(training),
        versions=tuple(f"{library} {version(library)}" for library in _LIBRARIES),
    )


def find(sample: Sample, settings: SelectionSettings, embargo_rows: int, progress: Progress = NO_PROGRESS) -> Finding:
    """Choose among the candidates of a sample, and measure the skill of choosing so.

    Raises:
        ConfigError: too few samples for the folds, or a library is missing.
    """
    ranking = rank_candidates(sample, settings, embargo_rows, progress)

    def choose(past: Sample) -> NDArray[np.int64]:
        return rank_candidates(past, settings, embargo_rows, progress).chosen(settings.count)

    skill = measure_skill(sample, choose, settings, embargo_rows, progress)
    areas = areas_under_curve(centred_ranks(sample.values), sample.up)
    return Finding(
        chosen=tuple(_chosen(ranking, place, sample, areas) for place in ranking.order[: settings.count]),
        clusters=len(ranking.best),
        agreement=ranking.agreement,
        folds=ranking.folds,
        skill=skill,
        suspects=tuple(sample.names[k] for k in _too_good(areas, sample.up)),
    )


def _chosen(ranking: Ranking, place: int, sample: Sample, areas: NDArray[np.float64]) -> Chosen:
    best = int(ranking.best[place])
    alike = np.flatnonzero(ranking.clusters == place)
    return Chosen(
        name=sample.names[best],
        importance=float(ranking.importance[place]),
        importance_std=float(ranking.importance_std[place]),
        gain=float(ranking.gain[place]),
        mean_rank=float(ranking.rank[place]),
        stability=float(ranking.stability[place]),
        auc=float(areas[best]),
        represents=tuple(sample.names[k] for k in alike if k != best),
    )


def _too_good(areas: NDArray[np.float64], up: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the candidates whose area is further from ½ than any honest one, and than luck among thousands; the
    worst first."""
    n_up = int(np.count_nonzero(up))
    deviation = np.sqrt((len(up) + 1) / (12.0 * n_up * (len(up) - n_up)))
    away = np.abs(areas - 0.5)
    order = np.argsort(-away, kind="stable")
    suspects: NDArray[np.int64] = order[away[order] > _SUSPECT + _LUCK * deviation]
    return suspects


def _span(fold: Fold, training: Bars, sample: Sample) -> FoldSpan:
    first, last = sample.rows[fold.test[0]], sample.rows[fold.test[-1]]
    return FoldSpan(len(fold.train), len(fold.test), fold.purged, int(training.ts[first]), int(training.ts[last]))


def _fingerprint(training: Bars) -> str:
    digest = hashlib.sha256(f"{training.symbol} {training.interval_ns} {training.columns.shape}".encode())
    digest.update(training.ts.tobytes())
    digest.update(training.columns.tobytes())
    return digest.hexdigest()
