"""Out-of-sample validation: returns of positions by hand, and promotion of challengers."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from tests.planted import SMALL, planted_bars

from quaestor.adapters.model_stores.directory import DirectoryModelStore
from quaestor.brain.trained.settings import TradingSettings
from quaestor.domain.artefact import Artefact
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import N_COLUMNS, Column
from quaestor.domain.training import ModelReady, Reason, TrainRequested
from quaestor.research.training.draft import blank_artefact
from quaestor.research.training.train import train
from quaestor.research.training.trainer import ModelTrainer
from quaestor.research.training.validation import bars_trained_on, bets, net_returns, out_of_sample

SETTINGS = replace(SMALL, learners=("logistic",), online=False, alphas=(), regime="rules")
CHEAP = TradingSettings(round_trip=0.002, confidence_min=0.0, noise_max=1.0, frames_min=0, sigmas=0.0, volume_min=0.0)
BARS = planted_bars(4_000)
KNOWN = 2_000


@pytest.fixture(scope="module")
def champion() -> Artefact:
    return train(BARS.part(0, KNOWN), SETTINGS).artefact


def columns(opened: list[float], close: list[float]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    table = np.ones((N_COLUMNS, len(opened)))
    table[Column.OPEN], table[Column.CLOSE] = opened, close
    return table


def test_returns_of_positions_by_hand() -> None:
    prices = columns([100.0, 110.0, 121.0, 121.0, 100.0], [110.0, 121.0, 121.0, 100.0, 90.0])
    position = np.array([0.0, 1.0, 1.0, -0.5, 1.0])  # what the last says comes too late
    funding = np.zeros((3, 5))
    funding[0, 3] = 0.01  # at the open of the fourth bar, while the second decision is held
    funding[1, 4] = 0.02  # inside the fifth, while the fourth is
    found = net_returns(position, prices, funding, 0.002)
    expected = [0.0, 0.0 - 0.01 - 0.001, 100 / 121 - 1, -0.5 * (90 / 100 - 1 - 0.02) - 1.5 * 0.001 - 0.5 * 0.001]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_missing_price_moves_nothing_and_a_loss_is_bounded() -> None:
    prices = columns([1.0, 1.0, np.nan, 1.0, 3.0], [1.0, 1.0, 1.0, 3.0, 3.0])
    found = net_returns(np.full(5, -1.0), prices, np.zeros((3, 5)), 0.0)
    np.testing.assert_allclose(found, [0.0, 0.0, -0.999, 0.0])


@pytest.mark.parametrize(
    ("position", "horizon", "count"),
    [
        ([0, 0, 0, 0], 3, 0),
        ([1, 1, 0, -1, -1], 3, 2),
        ([1, -1, 1, 1], 3, 3),
        ([1, 1, 1, 1, 1, 0, 0], 2, 3),
        ([0, 0, 1], 3, 0),  # decided at the last close: nothing came of it
    ],
)
def test_bets_are_counted_by_horizon(position: list[float], horizon: int, count: int) -> None:
    assert bets(np.array(position, np.float64), horizon) == count


def test_a_model_earns_the_planted_edge_and_a_blank_one_nothing(champion: Artefact) -> None:
    assert bars_trained_on(champion, BARS) == KNOWN
    found = out_of_sample(champion, BARS, KNOWN, CHEAP, 7)
    assert len(found.returns) == len(BARS) - KNOWN - 1
    assert found.trials == 7
    assert found.trades > 30
    assert np.log1p(found.returns).sum() > 0.2
    assert found.scores is not None
    assert found.scores.accuracy > 0.55
    blank = out_of_sample(blank_artefact(BARS.part(0, KNOWN), SETTINGS), BARS, KNOWN, CHEAP, 1)
    assert blank.trades == 0
    assert not blank.returns.any()


def test_bars_before_the_validation_do_not_change_its_result(champion: Artefact) -> None:
    later = out_of_sample(champion, BARS, 3_000, CHEAP, 1).returns
    whole = out_of_sample(champion, BARS, KNOWN, CHEAP, 1).returns
    assert later[1:].tobytes() == whole[-len(later) + 1 :].tobytes()  # only the first pays for entering


def ask(store: DirectoryModelStore, champion: Artefact, reason: Reason, bars: int, window: int) -> ModelReady:
    trainer = ModelTrainer(store, SETTINGS, trading=(CHEAP,), validation_bars=window)
    request = TrainRequested(1, 0, reason, int(BARS.ts[bars]), bars, 0, store.put(champion), 2)
    return trainer.train(request, BARS.part(0, bars))


def test_the_first_model_and_without_validation_every_one_is_promoted(tmp_path: Path, champion: Artefact) -> None:
    store = DirectoryModelStore(tmp_path)
    for reason, window in ((Reason.START, 500), (Reason.SCHEDULE, 0), (Reason.DRIFT, 0)):
        answer = ask(store, champion, reason, 3_000, window)
        taken = store.get(answer.sha256).manifest
        assert (taken.trained_through, taken.trials) == (int(BARS.ts[2_999]), 2)
        assert answer.why.startswith(f"{reason}: 3000 bars; out of fold ")


def test_a_challenger_as_good_as_the_champion_is_not_promoted(tmp_path: Path, champion: Artefact) -> None:
    store = DirectoryModelStore(tmp_path)
    answer = ask(store, champion, Reason.SCHEDULE, 3_500, 700)
    assert answer.sha256 == store.put(champion)
    assert answer.trained_through == champion.manifest.trained_through
    assert answer.why.startswith("schedule: kept: it grew by ")
    assert "; 699 bars: " in answer.why


def test_a_better_challenger_is_trained_on_everything_and_promoted(tmp_path: Path, champion: Artefact) -> None:
    contrary = champion.tables["learned"].copy()
    contrary[0]["edge"]["y"] = -contrary[0]["edge"]["y"]
    broken = replace(champion, tables={**champion.tables, "learned": contrary})
    store = DirectoryModelStore(tmp_path)
    answer = ask(store, broken, Reason.DRIFT, 3_500, 700)
    assert answer.why.startswith("drift: promoted: it grew by +")
    assert store.get(answer.sha256).manifest.trained_through == int(BARS.ts[3_499])
    assert ask(store, broken, Reason.DRIFT, 3_500, 700) == answer


def test_a_champion_is_evaluated_on_bars_it_was_not_trained_on(tmp_path: Path, champion: Artefact) -> None:
    store = DirectoryModelStore(tmp_path)
    few = ask(store, champion, Reason.DRIFT, KNOWN + 5, 700)
    assert few.why == "drift: kept: 5 bars are too few to evaluate a challenger on"
    some = ask(store, champion, Reason.DRIFT, KNOWN + 100, 700)
    assert "; 99 bars: " in some.why


def test_a_challenger_that_cannot_be_trained_leaves_the_champion(tmp_path: Path, champion: Artefact) -> None:
    manifest = msgspec.structs.replace(champion.manifest, trained_through=int(BARS.ts[99]))
    early = replace(champion, manifest=manifest)
    answer = ask(DirectoryModelStore(tmp_path), early, Reason.DRIFT, 200, 700)
    assert answer.why.startswith("drift: kept: no challenger could be trained: ")


def spoiled(close: float) -> Bars:
    """Return the bars with one impossible bar among those trained on, and one among those validated on."""
    bars = BARS.part(0, len(BARS))
    for row in (KNOWN // 2, KNOWN + 500):
        bars.columns[Column.CLOSE, row] = close
    return bars


def test_an_impossible_bar_neither_trains_nor_earns() -> None:
    one, other = spoiled(-1.0), spoiled(1e12)
    artefacts = [train(bars.part(0, KNOWN), SETTINGS).artefact for bars in (one, other)]
    for name, table in artefacts[0].tables.items():
        assert table.tobytes() == artefacts[1].tables[name].tobytes(), name
    assert artefacts[0].manifest.data_sha256 != artefacts[1].manifest.data_sha256
    mine, theirs = (
        out_of_sample(artefact, bars, KNOWN, CHEAP, 1) for artefact, bars in zip(artefacts, (one, other), strict=True)
    )
    np.testing.assert_array_equal(mine.returns, theirs.returns)
    assert np.isfinite(mine.returns).all()
