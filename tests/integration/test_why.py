"""`why`: the chain of one decision, taken or not, in a sentence that names rule, figure and limit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.command_line import call, json_of, refusal, trades_of
from tests.slices import spot_hours

from quaestor.analysis.journal_rows import read_rows
from quaestor.jit.tables import Table
from quaestor.ledger.codes import Verdict
from quaestor.risk.catalog import RULES

STRATEGY = ("--strategy", "ema_cross", "--set", "fast=5", "--set", "slow=20", "--set", "side=both")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    return spot_hours(tmp_path_factory.mktemp("slice"))


@pytest.fixture(scope="module")
def ran(data: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of small positions under tight limits: entries allowed, shrunk and vetoed."""
    folder = tmp_path_factory.mktemp("ran")
    strict = ("--size", "0.2", "--limit", "losses_max=3", "--limit", "position_pct=10", "--limit", "var_pct=off")
    json_of("backtest", *data, *STRATEGY, *strict, "--journal", folder / "j", "--out", folder / "o", "--json")
    return folder


def why(journal: Path, identifier: object) -> dict[str, Any]:
    """Return the explanation of a decision as JSON; the sentence is the same as without."""
    explained = json_of("why", identifier, "--journal", journal, "--json")
    shown = call("why", identifier, "--journal", journal)
    assert shown.code == 0
    assert " ".join(shown.out.split()).startswith(" ".join(explained["sentence"].split()))
    return explained


def first(journal: Path, target: Callable[[Table], Any]) -> int:
    """Return the number of the first decision of a kind."""
    decisions = read_rows(journal).decisions
    return int(decisions["number"][np.flatnonzero(target(decisions))[0]])


def by_rule(name: str) -> Callable[[Table], Any]:
    index = [rule.name for rule in RULES].index(name)
    return lambda rows: rows["rule"] == index


def test_lime_of_a_classical_strategy_is_refused(ran: Path) -> None:
    says = refusal("why", "trade:5", "--journal", ran / "j", "--lime")
    assert says == "--lime: no trained model made this decision — ask about one of the strategy learned"


def test_a_trade_is_explained_from_features_to_fee(ran: Path) -> None:
    trade = trades_of(ran / "o").row(4, named=True)
    explained = why(ran / "j", "trade:5")
    assert explained["ts"] == trade["entry_ts"]
    assert explained["features"].keys() == {"ema_5", "ema_20"}
    opened = [step for step in explained["orders"] if step["action"] == "fill" and step["purpose"] == "entry"]
    assert sum(step["quantity"] for step in opened) == pytest.approx(trade["qty"])
    assert opened[0]["price"] == pytest.approx(trade["entry_price"])
    assert explained["result"] == pytest.approx(trade["pnl"])
    by_order = why(ran / "j", f"order:{opened[0]['order_id']}")
    assert by_order == explained == why(ran / "j", explained["decision"])
    legs = {step["order_id"] for step in explained["orders"]} - {opened[0]["order_id"]}
    assert legs
    for leg in legs:
        assert why(ran / "j", f"order:{leg}")["decision"] == explained["decision"]
    for told_of in ("closed at", "ema_cross read ema_5", "signal", f"{opened[0]['price']:,.8g}", "for a fee of"):
        assert told_of in explained["sentence"]
    assert f"the trade it opened made {trade['pnl']:+,.2f} USDT" in explained["sentence"]


def test_every_trade_is_found_by_its_number(ran: Path) -> None:
    trades = trades_of(ran / "o")
    rows = read_rows(ran / "j")
    assert len(rows.round_trips()) == len(trades) > 20
    for number in (1, len(trades) // 2, len(trades)):
        assert why(ran / "j", f"trade:{number}")["ts"] == trades["entry_ts"][number - 1]


def test_a_shrink_names_rule_figure_and_limit(ran: Path) -> None:
    explained = why(ran / "j", first(ran / "j", lambda rows: rows["verdict"] == Verdict.SHRINK))
    assert (explained["verdict"], explained["rule"], explained["limit"]) == ("shrink", "position_size", 10.0)
    assert 19.0 < explained["measured"] <= 20.0
    assert 0 < abs(explained["approved_target"]) < abs(explained["target"])
    sentence = explained["sentence"]
    assert "the risk officer shrank that to" in sentence
    assert f"(position_size: {explained['measured']:,.6g} against a limit of 10 % of equity)" in sentence


def test_a_veto_names_rule_figure_and_limit_and_made_no_order(ran: Path) -> None:
    vetoed = by_rule("losing_streak")
    explained = why(ran / "j", first(ran / "j", lambda rows: vetoed(rows) & (rows["position"] == 0)))
    assert (explained["verdict"], explained["limit"]) == ("veto", 3.0)
    assert explained["measured"] >= 3.0
    assert "losing_streak" in explained["breakers"]
    figures = f"losing_streak: {explained['measured']:g} against a limit of 3 trades"
    assert f"the risk officer vetoed it ({figures}" in explained["sentence"]
    assert "breakers set: losing_streak" in explained["sentence"]
    assert "would pass" in explained["sentence"]
    assert explained["approved_target"] == explained["position"]


def test_a_figure_that_is_not_known_yet_is_named(data: tuple[str, ...], tmp_path: Path) -> None:
    json_of("backtest", *data, *STRATEGY, "--journal", tmp_path, "--json")
    explained = why(tmp_path, first(tmp_path, by_rule("value_at_risk")))
    assert explained["measured"] is None
    assert "value_at_risk: not known yet against a limit of 5 % of equity" in explained["sentence"]


def test_a_hold_without_an_opinion_made_no_order(ran: Path) -> None:
    waiting = why(ran / "j", 3)
    assert waiting["signal"] is None
    assert "ema_20 not known yet and had no opinion yet" in waiting["sentence"]
    assert "no order was made" in waiting["sentence"]
    held = first(ran / "j", lambda rows: (rows["verdict"] == Verdict.NONE) & (rows["position"] != 0))
    assert "nothing was to be changed: " in why(ran / "j", held)["sentence"]


def test_an_allowed_entry_names_the_verdict(data: tuple[str, ...], tmp_path: Path) -> None:
    json_of("backtest", *data, *STRATEGY, "--size", "0.05", "--journal", tmp_path, "--json")
    explained = why(tmp_path, first(tmp_path, lambda rows: rows["verdict"] == Verdict.ALLOW))
    assert explained["approved_target"] == explained["target"] != explained["position"]
    assert "and the risk officer allowed it" in explained["sentence"]


def test_an_order_below_the_venues_minimum_is_vetoed(data: tuple[str, ...], tmp_path: Path) -> None:
    json_of("backtest", *data, *STRATEGY, "--capital", "30", "--risk", "permissive", "--journal", tmp_path, "--json")
    explained = why(tmp_path, first(tmp_path, by_rule("venue")))
    assert explained["unit"] == "USDT"
    assert 0.0 < explained["measured"] < explained["limit"] <= 10.0
    assert "vetoed it (venue: " in explained["sentence"]


def test_an_order_beyond_the_cash_names_both_amounts(data: tuple[str, ...], tmp_path: Path) -> None:
    json_of("backtest", *data, *STRATEGY, "--size", "1.5", "--risk", "permissive", "--journal", tmp_path, "--json")
    explained = why(tmp_path, first(tmp_path, by_rule("cash")))
    assert explained["unit"] == "USDT"
    assert explained["limit"] == pytest.approx(10_000.0)
    assert explained["measured"] == pytest.approx(15_000.0, rel=0.01)


def test_a_time_finds_the_last_decision_by_then(ran: Path) -> None:
    by_number = why(ran / "j", 465)
    assert by_number["ts"] == 1_679_306_400_000_000_000
    for moment in ("2023-03-20T10:00", "2023-03-20T10:00:00Z", "2023-03-20 12:00+02:00", "2023-03-20T10:59:59"):
        assert why(ran / "j", moment) == by_number
    assert why(ran / "j", "2030-01-01")["decision"] == read_rows(ran / "j").decisions["number"][-1]


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("99999", "holds no decision 99999 — it holds decisions 0 to 1678"),
        ("trade:0", "holds no trade 0 — it holds "),
        ("trade:9999", "trades, from 1 on"),
        ("order:1", "holds no order 1 — its orders are 3 to "),
        ("2020-01-01", "holds no decision by 2020-01-01 — it holds decisions 0 to 1678"),
        ("yesterday", "unknown identifier 'yesterday' — known: a decision number, an ISO time, order:ID, trade:K"),
        ("trade:x", "unknown identifier 'trade:x' — did you mean trade:K?"),
    ],
)
def test_missing_decisions_and_journals_are_refused(identifier: str, expected: str, ran: Path) -> None:
    assert expected in refusal("why", identifier, "--journal", ran / "j", "--json")


def test_a_slim_journal_names_the_decisions_it_holds(data: tuple[str, ...], tmp_path: Path) -> None:
    json_of("backtest", *data, *STRATEGY, "--journal", tmp_path, "--journal-level", "slim", "--json")
    assert "run with --journal-level full" in refusal("why", 3, "--journal", tmp_path, "--json")
    assert why(tmp_path, "trade:1")["orders"]


def test_the_newest_journal_is_the_default(ran: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ran)
    assert json_of("why", "trade:5", "--json") == why(ran / "j", "trade:5")
    monkeypatch.chdir(tmp_path)
    assert "no journal here — give --journal DIR" in refusal("why", "trade:5", "--json")
