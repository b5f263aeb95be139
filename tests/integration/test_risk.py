"""`quaestor risk`: limits, their use at any time of a run, verdicts about orders, and what refusals saved and cost."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import call, json_of, refusal
from tests.slices import HOURS, cut, spot_hours, stamp

from quaestor.analysis.journal_rows import read_rows
from quaestor.ledger.codes import Breaker
from quaestor.risk.catalog import RULES
from quaestor.risk.settings import all_settings

DAY = 86_400_000_000_000
STRATEGY = ("--strategy", "ema_cross", "--set", "fast=5", "--set", "slow=20", "--set", "side=both")
STRICT = ("--size", "0.3", "--limit", "losses_max=3", "--limit", "position_pct=10", "--limit", "var_pct=off")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    return spot_hours(tmp_path_factory.mktemp("slice"))


@pytest.fixture(scope="module")
def ran(data: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run of which the journal and the results are kept."""
    folder = tmp_path_factory.mktemp("ran")
    json_of("backtest", *data, *STRATEGY, *STRICT, "--journal", folder / "j", "--out", folder / "o", "--json")
    return folder


def flat_with(journal: Path, breakers: int) -> int:
    """Return the number of the last decision with nothing held and exactly these breakers set."""
    rows = read_rows(journal).decisions
    chosen = (rows["breakers"] == breakers) & (rows["position"] == 0) & (rows["orders"] == 0)
    return int(rows["number"][chosen][-1])


def test_limits_are_listed_as_they_are_set(tmp_path: Path) -> None:
    config = tmp_path / "quaestor.toml"
    config.write_text('[risk]\nprofile = "conservative"\n[profiles.bold.risk.overrides]\nposition_pct = 33\n')
    rows = json_of("risk", "limits", "--config", config, "--profile", "bold", "--limit", "var_pct=off", "--json")
    assert (rows["profile"], rows["overrides"]) == ("conservative", {"position_pct": 33.0, "var_pct": None})
    by_name = {row["setting"]: row for row in rows["limits"] if row["setting"]}
    assert by_name.keys() == {setting.name for setting in all_settings()}
    assert (by_name["position_pct"]["value"], by_name["position_pct"]["conservative"]) == (33.0, 5.0)
    assert (by_name["var_pct"]["value"], by_name["var_pct"]["off"]) == (None, True)
    shown = call("risk", "limits", "--risk", "permissive")
    assert (shown.code, shown.err) == (0, "")
    assert all(f" {setting.name} " in shown.out for setting in all_settings())
    assert "unknown limit 'positon_pct'" in refusal("risk", "limits", "--limit", "positon_pct=3")
    assert "'brave' is not allowed here" in refusal("risk", "limits", "--risk", "brave", "--json")


def test_the_account_at_the_end_equals_the_summarys(ran: Path) -> None:
    shown = json_of("risk", "show", "--journal", ran / "j", "--json")
    summary = json.loads((ran / "o" / "summary.json").read_text())
    assert shown["account"]["equity"] == pytest.approx(summary["equity_final"])
    assert shown["refusals"] == summary["refusals"] != []
    assert [use["rule"] for use in shown["limits"]] == [rule.name for rule in RULES]
    assert [each["breaker"] for each in shown["breakers"]] == summary["breakers"]
    assert sum(outcome["vetoes"] for outcome in shown["refusals"]) == summary["vetoes"]
    assert sum(outcome["shrinks"] for outcome in shown["refusals"]) == summary["shrinks"]
    printed = call("risk", "show", "--journal", ran / "j")
    assert printed.code == 0
    assert "Limits in use" in printed.out
    assert "What refusals saved and cost (USDT)" in printed.out


def test_the_account_is_rebuilt_at_any_decision(ran: Path) -> None:
    number = flat_with(ran / "j", Breaker.LOSING_STREAK)
    row = read_rows(ran / "j").decisions[number]
    shown = json_of("risk", "show", "--journal", ran / "j", "--at", number, "--json")
    assert shown["ts"] == int(row["ts"])
    assert shown["account"]["equity"] == pytest.approx(int(row["equity"]) * 1e-8)
    assert [each["breaker"] for each in shown["breakers"]] == ["losing_streak"]
    assert shown["breakers"][0]["lifts_ts"] == -(-int(row["ts"]) // DAY) * DAY
    moment = json_of("risk", "show", "--journal", ran / "j", "--at", "2023-04-01T12:30", "--json")
    assert moment["ts"] == stamp("2023-04-01T12:00")
    near = [use for use in moment["limits"] if use["share"] is not None and use["share"] > 0.8]
    assert {each["rule"] for each in moment["suggestions"]} == {use["rule"] for use in near} != set()
    changes = [each["change"] for each in moment["suggestions"]]
    assert changes == sorted(changes)
    assert "Breakers set: no entries" in call("risk", "show", "--journal", ran / "j", "--at", number).out


def test_paper_slim_and_cut_off_journals_give_the_same_report(ran: Path, data: tuple[str, ...], tmp_path: Path) -> None:
    whole = json_of("risk", "show", "--journal", ran / "j", "--json")
    journal = tmp_path / "j"
    summary = json_of(
        "paper", *data, *STRATEGY, *STRICT, "--speed", "max", "--journal", journal, "--journal-level", "slim", "--json"
    )
    assert summary["refusals"] == whole["refusals"]
    assert json_of("risk", "show", "--journal", journal, "--json") == whole
    segment = journal / "segment-000001.qj"
    with segment.open("r+b") as file:
        file.truncate(segment.stat().st_size // 2)
    last = read_rows(journal).decisions[-1]
    cut = json_of("risk", "show", "--journal", journal, "--json")
    assert cut["ts"] == int(last["ts"]) < whole["ts"]
    assert cut == json_of("risk", "show", "--journal", ran / "j", "--at", int(last["number"]), "--json")


def test_a_rerun_without_a_rule_changes_the_result(ran: Path) -> None:
    shown = json_of("risk", "show", "--journal", ran / "j", "--rerun", "all", "--json")
    first, *others = shown["reruns"]
    assert (first["rule"], first["equity"]) == ("", pytest.approx(shown["account"]["equity"]))
    assert {run["rule"] for run in others} == {each["rule"] for each in shown["refusals"]}
    streak = next(run for run in others if run["rule"] == "losing_streak")
    assert streak["trades"] > first["trades"]
    assert streak["vetoes"] < first["vetoes"]
    assert "The same run without a rule" in call("risk", "show", "--journal", ran / "j", "--rerun", "losing_streak").out


def test_rejected_trade_and_rerun_agree_on_one_refused_entry(data: tuple[str, ...], tmp_path: Path) -> None:
    """Three real days with a single trade, which one rule shrank: to the cent what the run without it makes more."""
    days = ("--from", "2023-03-12", "--to", "2023-03-15", "--set", "fast=12", "--set", "slow=26", "--set", "side=both")
    limits = ("--risk", "permissive", "--limit", "stop_loss_pct=3", "--limit", "position_pct=10", "--size", "0.3")
    json_of("backtest", *data, *days, *limits, "--strategy", "ema_cross", "--journal", tmp_path / "j", "--json")
    shown = json_of("risk", "show", "--journal", tmp_path / "j", "--rerun", "position_size", "--json")
    (refused,) = shown["refusals"]
    kept, free = shown["reruns"]
    assert (refused["rule"], refused["episodes"], kept["trades"], free["trades"]) == ("position_size", 1, 1, 1)
    assert refused["cost"] == pytest.approx(free["equity"] - kept["equity"], abs=1e-6)
    assert refused["cost"] > 40.0


def test_an_order_is_evaluated_on_the_account_of_a_journal(ran: Path) -> None:
    number = flat_with(ran / "j", Breaker.NONE)
    order = ("risk", "test", "--journal", ran / "j", "--at", number, "--side", "buy")
    small = call(*order, "--quantity", "0.001", "--json")
    assert (small.code, small.json["verdict"]) == (0, "allow")
    large = call(*order, "--quantity", "2", "--json")
    assert (large.code, large.json["verdict"], large.err) == (1, "shrink", "")
    answer = large.json
    assert {row["rule"] for row in answer["rules"]} == {rule.name for rule in RULES}
    assert answer["rules"][0]["rule"] == answer["rule"]
    passing = call(*order, "--quantity", f"{answer['passing']:.5f}", "--json")
    assert (passing.code, passing.json["verdict"]) == (0, "allow")
    other = call(*order, "--quantity", "0.001", "--risk", "permissive", "--limit", "position_pct=0.01", "--json")
    assert (other.code, other.json["rule"]) == (1, "position_size")
    printed = call(*order, "--quantity", "2")
    assert printed.code == 1
    assert "would pass it: raise " in printed.out
    assert "binds" in printed.out


def test_a_vetoed_order_names_when_its_breaker_lifts(ran: Path) -> None:
    number = flat_with(ran / "j", Breaker.LOSING_STREAK)
    order = ("risk", "test", "--journal", ran / "j", "--at", number, "--side", "buy", "--quantity", "0.01")
    vetoed = call(*order, "--json")
    assert (vetoed.code, vetoed.json["verdict"], vetoed.json["breakers"]) == (1, "veto", ["losing_streak"])
    assert "wait until the next UTC day" in vetoed.json["changes"]


def test_several_orders_are_judged_as_one_batch(ran: Path, data: tuple[str, ...]) -> None:
    number = flat_with(ran / "j", Breaker.NONE)
    one = ("risk", "test", "--journal", ran / "j", "--at", number)
    alone = call(*one, "--side", "buy", "--quantity", "2", "--json").json
    orders = ("--order", "buy:0.001", "--order", "buy:2:BTCUSDT", "--order", "buy:0.001")
    judged = call(*one, *orders, "--json")
    answers: Any = json.loads(judged.out)
    first, second, third = answers
    assert (judged.code, [each["verdict"] for each in answers]) == (1, ["allow", "shrink", "veto"])
    assert first["passing"] + second["passing"] == pytest.approx(alone["passing"])
    assert (second["rule"], third["passing"]) == (alone["rule"], 0.0)
    assert call(*one, "--order", "buy:0.001", "--json").code == 0
    assert "Orders judged as one batch" in call(*one, *orders).out
    fresh: Any = json.loads(call("risk", "test", *data, "--order", "sell:0.1", "--order", "buy:0.1", "--json").out)
    assert [each["side"] for each in fresh] == ["sell", "buy"]


def test_an_order_is_evaluated_on_a_fresh_account(data: tuple[str, ...]) -> None:
    order = ("risk", "test", *data, "--capital", "50000", "--side", "sell", "--quantity", "0.1")
    answer = call(*order, "--price", "21000", "--json")
    assert (answer.code, answer.json["rule"], answer.json["price"]) == (1, "venue", 21_000.0)
    bought = call(*order, "--side", "buy", "--json").json
    assert (bought["verdict"], bought["position"]) == ("allow", 0.0)
    volatility = next(row for row in bought["rules"] if row["rule"] == "volatility")
    assert 0.0 < volatility["measured"] < volatility["limit"]


def test_limits_and_orders_of_several_symbols_on_one_account(tmp_path: Path) -> None:
    path = cut(HOURS, tmp_path / "binance_spot_1h.parquet", "2023-03-01", "2023-04-01")
    run = ("--data", path, "--symbol", "BTCUSDT,ETHUSDT", *STRATEGY, *STRICT)
    summary = json_of("backtest", *run, "--journal", tmp_path / "j", "--json")
    shown = json_of("risk", "show", "--journal", tmp_path / "j", "--json")
    assert shown["refusals"] == summary["refusals"]
    assert {each["symbol"] for each in shown["refusals"]} == set(shown["symbols"]) == {"BTCUSDT", "ETHUSDT"}
    by_symbol = {entry["symbol"]: entry["vetoes"] + entry["shrinks"] for entry in summary["symbols"]}
    for symbol, refused in by_symbol.items():
        assert refused == sum(
            each["vetoes"] + each["shrinks"] for each in shown["refusals"] if each["symbol"] == symbol
        )
    paper = json_of("paper", *run, "--speed", "max", "--journal", tmp_path / "p", "--json")
    assert paper["refusals"] == summary["refusals"]
    order = ("risk", "test", "--journal", tmp_path / "p", "--at", "2023-03-20", "--side", "sell", "--quantity", "0.01")
    assert "name one of: BTCUSDT, ETHUSDT" in refusal(*order, "--json")
    asked = call(*order, "--symbol", "ETHUSDT", "--json")
    assert asked.json["symbol"] == "ETHUSDT"
    assert "symbol" in call("risk", "show", "--journal", tmp_path / "p").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "--journal", "absent"), "absent"),
        (("show", "--journal", "{j}", "--at", "999999"), "holds no decision 999999"),
        (("show", "--journal", "{j}", "--at", "soon"), "unknown identifier 'soon'"),
        (("show", "--journal", "{j}", "--at", "2001-01-01"), "holds no bar by then — give a later time"),
        (("show", "--journal", "{j}", "--rerun", "drawdwn"), "--rerun: unknown rule 'drawdwn' — did you mean drawdown"),
        (("show", "--journal", "{j}", "--rerun", "cash"), "--rerun: cash is always on"),
        (("show", "--journal", "{j}", "--rerun", "all", "--rerun", "drawdown"), "names rules beside 'all'"),
        (("test", "--side", "buy", "--quantity", "1"), "--data: is missing"),
        (("test", "--journal", "{j}", "--side", "up", "--quantity", "1"), "unknown side 'up'"),
        (("test", "--journal", "{j}", "--side", "buy", "--quantity", "0"), "'0' is no number above 0"),
        (("test", "--journal", "{j}", "--side", "buy", "--quantity", "0.000001"), "no whole number of lots"),
        (("test", "--journal", "{j}", "--symbol", "ETHUSDT", "--side", "buy", "--quantity", "1"), "'ETHUSDT'"),
        (
            ("test", "--journal", "{j}", "--capital", "5", "--side", "buy", "--quantity", "1"),
            "--capital: means",
        ),
        (("test", "--journal", "{j}"), "--side: is missing"),
        (("test", "--journal", "{j}", "--order", "buy 1"), "--order: 'buy 1' is no order"),
        (("test", "--journal", "{j}", "--order", "buy:1", "--side", "buy"), "--side: means nothing here"),
        (("test", "--journal", "{j}", "--order", "up:1"), "--order: unknown side 'up'"),
        (("test", "--at", "5", "--side", "buy", "--quantity", "1"), "--at: means nothing here"),
    ],
)
def test_invalid_questions_are_refused(ran: Path, arguments: tuple[str, ...], message: str) -> None:
    assert message in refusal("risk", *(each.replace("{j}", str(ran / "j")) for each in arguments), "--json")
