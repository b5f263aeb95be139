"""`why` of a trained model in a falling market: stopped by drift, explained by the online models of the bar."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import learned
from tests.command_line import json_of, refusal
from tests.integration.test_why_learned import begun_with_nothing, explained_by
from tests.recorded.files import HOURS
from tests.slices import cut

from quaestor.adapters.clocks import FreeRunningClock
from quaestor.app.run import backtest, paper
from quaestor.explain import lime_explanation as lime_explanation
from quaestor.ledger.codes import Abstention

TRADED = ("2022-06-15", "2022-08-10")
YEARS = ("2022-06-15", "2024-08-15")


@pytest.fixture(scope="module", autouse=True)
def _recorded_hours(shared_data: Path) -> Iterator[None]:
    """Train and trade on the recorded hours of 2022 instead of those of the sample."""
    patch = pytest.MonkeyPatch()

    def hours(folder: Path, span: tuple[str, str], *symbols: str) -> Path:
        return cut(shared_data / HOURS, folder / "binance_spot_some_1h.parquet", *span, *symbols)

    patch.setattr(learned, "TRAINED", ("2022-05-01", "2022-07-01"))
    patch.setattr(learned, "hours", hours)
    learned.trained.cache_clear()
    yield
    patch.undo()
    learned.trained.cache_clear()


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ran")
    backtest(learned.run_config(folder, span=TRADED))
    return folder / "journal"


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the journal of two years on one model, which drift stops."""
    folder = tmp_path_factory.mktemp("stopped")
    backtest(learned.run_config(folder, span=YEARS, settings=learned.STUBBORN))
    return folder / "journal"


def test_a_stop_by_drift_names_its_alarm(stopped: Path) -> None:
    explained = explained_by(stopped, Abstention.DRIFTED)
    opinion = explained["opinion"]
    assert opinion["level"] == "stopped"
    (alarm,) = opinion["alarms"]
    assert alarm in ("error", "profit")  # nothing less stops it
    for words in (
        f"drift response at level stopped, alarms now: {alarm}",
        "abstained: stopped by drift until a new model comes into use or an operator resumes it",
        "a target of 0 BTC, and the risk officer allowed it",
    ):
        assert words in explained["sentence"]


def test_lime_uses_the_online_models_of_that_bar(tmp_path: Path) -> None:
    """The online models of the bar, of an artefact that came into use during the run; paper says what backtest says."""
    models = begun_with_nothing(tmp_path / "models")
    found = []
    for mode in ("backtest", "paper"):
        config = learned.run_config(tmp_path / mode, span=("2022-05-01", "2022-07-10"), models=models)
        backtest(config) if mode == "backtest" else paper(config, FreeRunningClock())
        found.append(json_of("why", 1650, "--journal", tmp_path / mode / "journal", "--lime", "--json")["lime"])
    assert found[0] == found[1]
    assert all(slope["slope"] != 0.0 for slope in found[0]["models"][3]["slopes"])
    no_opinion = refusal("why", 1399, "--journal", tmp_path / "backtest" / "journal", "--lime")
    assert no_opinion.startswith("--lime: the model had no opinion at this decision — ")


def test_a_model_that_does_not_reproduce_the_journaled_opinion_is_refused(
    ran: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its online models as training left them, not as they stood."""
    learners = learned.artefact_of().tables["learners"]
    monkeypatch.setattr(lime_explanation, "_learners", lambda _: learners)
    says = refusal("why", "trade:12", "--journal", ran, "--lime")
    assert "was journaled — ask with the program and on the machine that wrote the journal" in says
