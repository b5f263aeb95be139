"""Selection result: chosen features, folds and skill, as they are written."""

from dataclasses import dataclass

from quaestor.research.selection.gather import Dropped
from quaestor.research.selection.settings import SelectionSettings
from quaestor.research.selection.skill import Skill


@dataclass(frozen=True, slots=True)
class Chosen:
    """Figures of one chosen feature.

    Attributes:
        importance, importance_std: mean and sample deviation over the folds of the rise of held-out log-loss when its
            values are permuted.
        gain: mean share of the fitted trees' gain.
        mean_rank: over the folds, from 1.
        stability: share of folds in which its cluster is among the chosen.
        auc: of its values alone in the training period; ½: no skill, below ½: the opposite direction.
        represents: the other candidates of its cluster.
    """

    name: str
    importance: float
    importance_std: float
    gain: float
    mean_rank: float
    stability: float
    auc: float
    represents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoldSpan:
    """Sizes of one purged fold, what purging cost, and the stamps of its test block."""

    train: int
    test: int
    purged: int
    first_ts: int
    last_ts: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Selection and all that it depends on; nothing in it depends on the test period's values.

    Attributes:
        features: names in order, the most important first; `chosen` holds figures of each.
        first_ts, last_ts: stamps of the first and last row that anything was computed from.
        training_rows, test_rows: rows used, and rows cut off unseen.
        samples, step_rows, embargo_rows: samples, rows between them, rows kept away from around test blocks.
        candidates: how many were computed; `dropped`: which were not used, and why.
        clusters: groups of look-alikes among the rest.
        agreement: of the folds' choices beyond chance, 1 is full.
        skill: of the whole procedure, walk forward; `suspects` are candidates too good to be true by themselves.
        fingerprint: SHA-256 of the training rows; `versions` of the libraries: the same of both gives the same bits.
    """

    features: tuple[str, ...]
    symbol: str
    interval_ns: int
    first_ts: int
    last_ts: int
    training_rows: int
    test_rows: int
    samples: int
    step_rows: int
    embargo_rows: int
    candidates: int
    dropped: tuple[Dropped, ...]
    clusters: int
    agreement: float
    chosen: tuple[Chosen, ...]
    folds: tuple[FoldSpan, ...]
    skill: Skill
    suspects: tuple[str, ...]
    warnings: tuple[str, ...]
    settings: SelectionSettings
    fingerprint: str
    versions: tuple[str, ...]
