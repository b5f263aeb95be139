"""Feature selection: finds planted features, reports noise as noise, cannot see the test period, flags leakage."""

import json
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.unit.research.selection.prepared import SETTINGS, few_candidates, quarter_hours, random_sample, real_sample

from quaestor.cli.output import to_plain
from quaestor.domain.market_matrix import Column
from quaestor.domain.parameter import always
from quaestor.errors import ConfigError
from quaestor.features.feature import Feature
from quaestor.jit.compile import kernel
from quaestor.jit.tables import Matrix, Table
from quaestor.research.selection.gather import Sample
from quaestor.research.selection.ranks import centred_ranks, rank_correlations
from quaestor.research.selection.result import Selection
from quaestor.research.selection.select import find, select_features, steps

EMBARGO = 50


@kernel
def advance_tomorrow(state: Table, params: Table, columns: Matrix, out: Matrix, i: int, n: int) -> None:  # noqa: ARG001
    """Read four rows ahead, which no feature may do."""
    close = columns[Column.CLOSE]
    for k in range(i, n):
        out[0, k] = close[min(k + 4, n - 1)] / close[k]


TOMORROW = Feature(
    name="tomorrow",
    family="momentum",
    doc="Close four rows ahead over the close.",
    units="ratio",
    source="none",
    inputs=(Column.CLOSE,),
    outputs=("tomorrow",),
    parameters=(),
    advance=advance_tomorrow,
    state_dtype=always(np.dtype([("none", "<i8")])),
    warmup=lambda: 0,
)


@pytest.fixture(scope="module")
def selection() -> Selection:
    return select_features(quarter_hours(), SETTINGS, few_candidates())


def noisy(signal: NDArray[np.float64], sample: Sample) -> Sample:
    """Return labels that follow a signal, with as much noise as signal."""
    noise = np.random.default_rng(8).normal(size=len(sample)) * signal.std()
    return replace(sample, up=signal + noise > np.median(signal))


def test_planted_features_are_found_with_every_seed() -> None:
    sample = real_sample()
    ranks = centred_ranks(sample.values).astype(np.float64)
    planted = ("roc_20@1h", "mfi_28")
    places = [sample.names.index(name) for name in planted]
    found = find(noisy(ranks[places[0]] - ranks[places[1]], sample), SETTINGS, EMBARGO)
    for name in planted:
        chosen = next(one for one in found.chosen if name in (one.name, *one.represents))
        assert chosen in found.chosen[:2]
        assert chosen.stability == 1.0
        assert chosen.importance > chosen.importance_std > 0.0
        assert chosen.importance > 2.0 * found.chosen[2].importance
    assert found.skill.is_distinguishable
    assert found.skill.log_loss < found.skill.base_log_loss


def test_noise_is_reported_as_indistinguishable_from_the_base_rate() -> None:
    """Among five labels at random, one may look like skill by the chance that is allowed, two hardly."""
    sample = real_sample()
    found = []
    for seed in range(5):
        up = np.random.default_rng(seed).random(len(sample)) < 0.5
        found.append(find(replace(sample, up=up), SETTINGS, EMBARGO))
    indistinguishable = [
        any("indistinguishable from the base rate" in warning for warning in one.warnings) for one in found
    ]
    assert sum(indistinguishable) >= 4
    error = 0.5 / np.sqrt(sum(one.skill.samples for one in found))
    assert abs(np.mean([one.skill.accuracy for one in found]) - 0.5) < 3 * error
    assert not any(one.skill.is_implausible or one.suspects for one in found)


def test_choosing_among_a_thousand_useless_ones_is_not_taken_for_skill() -> None:
    """On the folds that chose them they look useful; on windows that nobody chose for they do not."""
    settings = replace(SETTINGS, count=10, survivors=40)
    found = find(random_sample(1_000, 1_500), settings, EMBARGO)
    assert not found.skill.is_distinguishable
    assert found.skill.log_loss > found.skill.base_log_loss
    assert found.agreement < 0.6


def test_a_candidate_that_looks_ahead_is_flagged() -> None:
    selection = select_features(quarter_hours(), SETTINGS, [*few_candidates(), TOMORROW.instance()])
    assert selection.features[0] == "tomorrow"
    assert selection.suspects == ("tomorrow",)
    assert selection.skill.is_implausible
    assert "treat it as leakage until disproved" in selection.warnings[0]
    assert "tomorrow" in selection.warnings[1]


def test_skill_on_real_bars_is_plausible(selection: Selection) -> None:
    bars = quarter_hours()
    assert len(selection.features) == SETTINGS.count == len(selection.chosen)
    assert selection.first_ts == bars.ts[0]
    assert selection.last_ts == bars.ts[selection.training_rows - 1]
    assert selection.training_rows + selection.test_rows == len(bars)
    assert selection.test_rows == np.ceil(0.2 * len(bars))
    assert not selection.suspects
    assert 0.4 < selection.skill.accuracy < 0.6
    assert 0.0 <= selection.agreement <= 1.0
    sizes = [fold.test for fold in selection.folds]
    assert sum(sizes) == selection.samples
    assert max(sizes) - min(sizes) <= 1
    assert all(fold.purged > 0 for fold in selection.folds)
    assert all(a.mean_rank <= b.mean_rank for a, b in zip(selection.chosen, selection.chosen[1:], strict=False))
    used = sum(1 + len(one.represents) for one in selection.chosen)
    assert used <= selection.candidates - sum(len(group.names) for group in selection.dropped)


def test_chosen_features_are_unlike_one_another(selection: Selection) -> None:
    sample = real_sample()
    places = [sample.names.index(name) for name in selection.features]
    alike = np.abs(rank_correlations(centred_ranks(sample.values[places])))
    np.fill_diagonal(alike, 0.0)
    assert alike.max() < 0.9


def test_rows_of_the_test_period_do_not_change_the_selection(selection: Selection) -> None:
    bars = quarter_hours()
    columns = bars.columns.copy()
    columns[:, selection.training_rows :] = np.nan
    ts = bars.ts.copy()
    ts[selection.training_rows :] += 1
    again = select_features(replace(bars, columns=columns, ts=ts), SETTINGS, few_candidates())
    assert json.dumps(to_plain(again)) == json.dumps(to_plain(selection))


def test_rows_of_the_training_period_change_the_selection(selection: Selection) -> None:
    bars = quarter_hours()
    columns = bars.columns.copy()
    columns[Column.VOLUME, selection.training_rows - 1] += 1.0
    again = select_features(replace(bars, columns=columns), SETTINGS, few_candidates())
    assert again.fingerprint != selection.fingerprint


def test_another_seed_gives_another_selection(selection: Selection) -> None:
    again = select_features(quarter_hours(), replace(SETTINGS, seed=1), few_candidates())
    assert again.fingerprint == selection.fingerprint
    assert again.chosen != selection.chosen


class Stages:
    """Progress that keeps the names of stages."""

    def __init__(self) -> None:
        self.stages: list[str] = []

    def describe(self, text: str) -> None:
        self.stages.append(text)

    def expect(self, total: float) -> None:
        """Ignore the number of steps."""

    def at(self, done: float) -> None:
        """Ignore the steps done."""


def test_the_number_of_stages_is_known_in_advance() -> None:
    progress = Stages()
    select_features(quarter_hours(), SETTINGS, few_candidates(), progress=progress)
    assert len(progress.stages) == steps(len(quarter_hours()), SETTINGS)


def test_too_many_folds_for_the_samples_are_refused() -> None:
    with pytest.raises(ConfigError, match="give more data, fewer folds"):
        find(real_sample(), SETTINGS, 10_000)
