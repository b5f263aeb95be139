"""`why` of a trained model: entered, abstained, held, not ready and stopped by drift, with figures that add up."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pytest
from tests import learned
from tests.command_line import call, json_of, refusal
from tests.integration.test_why import why

from quaestor.analysis.journal_rows import read_rows
from quaestor.app.run import backtest
from quaestor.brain.trained.outputs import Output
from quaestor.explain import lime_explanation as lime_explanation
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Abstention

Opinions = np.ndarray[Any, np.dtype[np.float64]]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ran")
    backtest(learned.run_config(folder))
    return folder / "journal"


def number(journal: Path, target: Callable[[Table, Opinions], Any]) -> int:
    """Return the number of the first decision of a kind."""
    rows = read_rows(journal)
    return int(rows.decisions["number"][np.flatnonzero(target(rows.decisions, rows.opinions))[0]])


def explained_by(journal: Path, reason: Abstention, *, flat: bool = True) -> dict[str, Any]:
    """Return the explanation of the first decision with a reason, without a position or with one."""

    def target(decisions: Table, opinions: Opinions) -> Any:
        return (opinions[:, Output.REASON] == reason) & ((decisions["signal"] == 0.0) == flat)

    return why(journal, number(journal, target))


def test_an_entry_names_votes_edge_and_costs(ran: Path) -> None:
    explained = why(ran, "trade:3")
    opinion, sentence = explained["opinion"], explained["sentence"]
    assert (opinion["reason"], explained["decided"]) == ("none", explained["decision"])
    assert opinion["edge"] > opinion["bar"]["required"] == opinion["cost"]
    assert opinion["net_edge"] == pytest.approx(opinion["edge"] - opinion["cost"])
    assert opinion["favours"] == ("long" if explained["signal"] > 0.0 else "short")
    told_of = (
        f"model {opinion['model']['sha256'][:8]} (trained through 2023-04-30) named a ",
        f"5 models together gave a rise a probability of {opinion['score']:.1%} (largest contributions: ",
        f"(largest contributions: {opinion['parts'][0]['name']} ",
        f"an edge of {1e4 * opinion['edge']:,.3g} bp ± ",
        f"that exceeds costs of {1e4 * opinion['cost']:,.3g} bp, and it signalled {opinion['favours']} (signal ",
        "for 12 bars at most",
        "the trade it opened made ",
    )
    for words in told_of:
        assert words in sentence


def test_votes_and_contributions_add_up(ran: Path) -> None:
    """Of every model to its probability, of all to the pooled one, and both are the recorded numbers."""
    for identifier in ("trade:1", "trade:7", "trade:12"):
        explained = why(ran, identifier)
        opinion, outputs = explained["opinion"], explained["outputs"]
        votes = {vote["model"]: vote for vote in opinion["votes"]}
        assert list(votes) == ["logistic", "lightgbm", "sgd", "passive_aggressive", "ema_cross"]
        assert [vote["kind"] for vote in votes.values()] == ["linear", "trees", "online", "online", "rule"]
        assert sum(vote["weight"] for vote in votes.values()) == pytest.approx(1.0)
        pooled = sum(vote["weight"] * vote["probability"] for vote in votes.values())
        assert opinion["score"] == outputs["score"] == pytest.approx(pooled)
        for model in ("logistic", "lightgbm"):
            vote = votes[model]
            assert vote["contributions"].keys() == set(learned.SETTINGS.features)
            total = vote["base"] + sum(vote["contributions"].values())
            assert total == pytest.approx(vote["probability"], abs=1e-12)
            assert outputs[f"{model}.probability"] == vote["probability"]
        parts = {part["name"]: part for part in opinion["parts"]}
        assert opinion["base"] + sum(part["contribution"] for part in parts.values()) == pytest.approx(pooled)
        assert parts["rsi_14"]["value"] == explained["features"]["rsi_14"]
        assert parts["rsi_14"]["scaled"] == outputs["scaled.rsi_14"]
        rule = votes["ema_cross"]
        assert parts["ema_cross"]["contribution"] == pytest.approx(rule["weight"] * (rule["probability"] - 0.5))


def test_an_abstention_names_edge_and_cost(ran: Path) -> None:
    explained = explained_by(ran, Abstention.EDGE_BELOW_COST)
    opinion = explained["opinion"]
    assert opinion["edge"] <= opinion["bar"]["required"]
    figures = (
        f"expected edge of {1e4 * opinion['edge']:,.3g} bp does not exceed costs of {1e4 * opinion['cost']:,.3g} bp"
    )
    assert f"; abstained: {figures}; nothing was to be changed: 0 BTC held; no order was made." in explained["sentence"]
    assert explained["decided"] is None
    table = call("why", explained["decision"], "--journal", ran).out
    for words in (
        "cost / edge required",
        "Votes",
        "passive_aggressive",
        "Contributions to the",
        "probability of a rise",
    ):
        assert words in table


def test_a_kept_position_names_its_decision(ran: Path) -> None:
    explained = explained_by(ran, Abstention.EDGE_BELOW_COST, flat=False)
    side = "long" if explained["signal"] > 0.0 else "short"
    assert f"; the {side} position of decision {explained['decided']} is kept;" in explained["sentence"]
    before = why(ran, explained["decided"])
    assert (before["opinion"]["reason"], before["opinion"]["favours"]) == ("none", side)
    assert explained["decision"] - explained["decided"] < before["opinion"]["horizon"]


def test_undefined_features_are_named(ran: Path) -> None:
    explained = why(ran, 3)
    opinion = explained["opinion"]
    assert (opinion["reason"], opinion["score"], opinion["base"]) == ("not_ready", None, None)
    assert opinion["missing"] == list(learned.SETTINGS.features)
    assert "and had no opinion; abstained: not known yet: rsi_14, roc_10" in explained["sentence"]


def test_stricter_thresholds_of_the_edge_are_named(tmp_path: Path) -> None:
    settings = learned.EAGER | {"margin": "2", "sigmas": "0.5"}
    backtest(learned.run_config(tmp_path, settings=settings))
    explained = explained_by(tmp_path / "journal", Abstention.EDGE_BELOW_COST)
    opinion = explained["opinion"]
    assert opinion["bar"]["required"] == pytest.approx(2.0 * opinion["cost"] + 0.5 * opinion["edge_error"])
    assert "bp less 0.5 × its standard error of " in explained["sentence"]
    assert f"does not exceed 2 × costs of {1e4 * opinion['cost']:,.3g} bp" in explained["sentence"]


def begun_with_nothing(folder: Path) -> dict[str, object]:
    """Return settings of a run that gets its model after two months of bars."""
    return {
        "dir": folder,
        "use": {learned.SYMBOL: learned.blank(folder)},
        "first_bars": 1400,
        "training": learned.SETTINGS.to_json(),
    }


def test_the_artefact_in_use_is_the_one_of_that_time(tmp_path: Path) -> None:
    """A run that begins with nothing, and gets its model after two months of bars."""
    models = begun_with_nothing(tmp_path / "models")
    backtest(learned.run_config(tmp_path, span=("2023-03-01", "2023-05-10"), models=models))
    journal = tmp_path / "journal"
    asked, used = read_rows(journal).models
    assert used.used is not None
    early, late = why(journal, 1399)["opinion"], why(journal, 1450)["opinion"]
    assert (early["score"], early["model"]["since"]) == (None, None)
    assert late["score"] is not None
    assert (late["model"]["sha256"], late["model"]["since"]) == (used.used.sha256, used.ts)
    assert asked.ts < used.ts
    assert late["model"]["why"].startswith("start: 1400 bars")
    first = why(journal, 1401)
    assert (first["ts"], first["opinion"]["model"]["since"]) == (used.ts, used.ts)


def test_without_shap_everything_but_contributions_is_explained(ran: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shap", None)
    explained = json_of("why", "trade:3", "--journal", ran, "--json")
    opinion = explained["opinion"]
    assert (opinion["base"], opinion["parts"]) == (None, [])
    assert "pip install 'quaestor[train]'" in opinion["unexplained"]
    assert "5 models together gave a rise a probability of" in explained["sentence"]
    assert "pip install 'quaestor[train]'" in " ".join(call("why", "trade:3", "--journal", ran).out.split())


def test_lime_lines_add_up_and_have_the_signs_of_the_weights(ran: Path) -> None:
    """Of all together and of each model that is no rule; they add up, and logistic's has the signs of its weights."""
    opinions, agreed = [], 0
    for identifier in ("trade:1", "trade:3", "trade:7", "trade:12"):
        explained = json_of("why", identifier, "--journal", ran, "--lime", "--json")
        lime, outputs = explained["lime"], explained["outputs"]
        assert [line["name"] for line in lime["models"]] == ["logistic", "lightgbm", "sgd", "passive_aggressive"]
        assert (lime["samples"], lime["pooled"]["name"]) == (5_000, "all together")
        assert lime["pooled"]["probability"] == explained["opinion"]["score"]
        for line in (lime["pooled"], *lime["models"]):
            slopes = {slope["name"]: slope for slope in line["slopes"]}
            assert slopes.keys() == set(learned.SETTINGS.features)
            assert all(slope["scaled"] == outputs[f"scaled.{name}"] for name, slope in slopes.items())
            total = line["base"] + sum(slope["slope"] * slope["scaled"] for slope in slopes.values())
            assert line["answer"] == pytest.approx(total, abs=1e-12)
            assert line["r2"] is None or 0.0 <= line["r2"] <= 1.0  # None: every answer is the same
        assert abs(lime["pooled"]["answer"] - lime["pooled"]["probability"]) < 0.02
        assert lime["pooled"]["r2"] > 0.4
        logistic = {slope["name"]: slope["contribution"] for slope in lime["models"][0]["slopes"]}
        shap = explained["opinion"]["votes"][0]["contributions"]
        top = sorted(shap, key=lambda name: -abs(shap[name]))[:3]
        agreed += sum(logistic[name] * shap[name] > 0.0 for name in top)
        opinions.append(lime)
    assert agreed >= 10
    assert json_of("why", "trade:12", "--journal", ran, "--lime", "--json")["lime"] == opinions[-1]
    text = " ".join(call("why", "trade:3", "--journal", ran, "--lime").out.split())
    for words in ("Around this decision", "the line here", "(R²) of how the pooled probability varies over 5,000 rows"):
        assert words in text


def test_lime_without_its_extra_is_refused(ran: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert json_of("why", "trade:3", "--journal", ran, "--json")["lime"] is None
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    assert "pip install 'quaestor[train]'" in refusal("why", "trade:3", "--journal", ran, "--lime")


@pytest.mark.parametrize("identifier", ["trade:3", "3"])
def test_a_decision_is_drawn_as_png(identifier: str, ran: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "sub" / "why.png"
    json_of("why", identifier, "--journal", ran, "--png", drawn, "--json")
    picture = matplotlib.image.imread(drawn)
    assert picture.shape[1] > 1500
    assert len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0)) > 100


def test_an_unwritable_png_is_refused(ran: Path, tmp_path: Path) -> None:
    assert "choose another file with --png" in refusal("why", "3", "--journal", ran, "--png", tmp_path)
