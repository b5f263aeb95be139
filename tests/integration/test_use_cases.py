"""Use cases called from Python: a run is made, explained, replayed and put to the officer without a command line."""

from dataclasses import asdict
from pathlib import Path

import pytest
from tests.command_line import json_of

from quaestor.analysis.officer.account_state import fresh_account_state
from quaestor.analysis.officer.order_request import OrderRequest
from quaestor.analysis.results import RunResult
from quaestor.app.explain import explain_decision, newest_journal
from quaestor.app.replay import replay
from quaestor.app.risk import (
    EVERY_RULE,
    account_on_journal,
    assess_order,
    report_risk,
)
from quaestor.app.run import backtest
from quaestor.cli.output import to_plain
from quaestor.errors import ConfigError, JournalError
from quaestor.risk.settings import RiskSettings
from quaestor.runtime.config import RunConfig, load_config
from quaestor.sample import sample_path


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> RunConfig:
    options = {
        "data.path": sample_path("1h"),
        "data.symbol": "BTCUSDT",
        "strategy.name": "ema_cross",
        "journal.dir": tmp_path_factory.mktemp("use-cases") / "journal",
    }
    return load_config(options=options, environment={}, dotenv=None)


@pytest.fixture(scope="module")
def result(config: RunConfig) -> RunResult:
    return backtest(config)


def journal_of(result: RunResult) -> Path:
    """Return the journal of a run."""
    assert result.summary.journal is not None
    return Path(result.summary.journal)


def test_a_journal_is_replayed_identically(result: RunResult) -> None:
    replayed = replay(journal_of(result))
    assert (replayed.identical, replayed.decisions) == (True, result.summary.decisions)


def test_a_trade_is_explained_as_the_command_does(result: RunResult, tmp_path: Path) -> None:
    chart = tmp_path / "trade.png"
    report = explain_decision(journal_of(result), "trade:1", png=chart)
    printed = json_of("why", "trade:1", "--journal", journal_of(result), "--json")
    assert printed == {**to_plain(report.explanation), "sentence": report.text, "lime": None}  # type: ignore[dict-item]
    assert chart.read_bytes().startswith(b"\x89PNG")


def test_a_risk_report_holds_the_summarys_account_and_the_runs_without_each_rule(result: RunResult) -> None:
    report = report_risk(journal_of(result), without=(EVERY_RULE,))
    assert asdict(report.account) == asdict(result.summary.account)
    assert report.refusals == result.summary.refusals
    assert report.reruns[0].equity == result.summary.equity_final
    assert {run.rule for run in report.reruns[1:]} <= {outcome.rule for outcome in report.refusals}


def test_an_order_is_evaluated_under_other_limits_without_being_placed(result: RunResult, config: RunConfig) -> None:
    order = OrderRequest("buy", "0.001")
    assert assess_order(order, account_on_journal(journal_of(result))).verdict.verdict == "allow"
    tight = RiskSettings.from_profile("permissive", {"position_pct": 1e-6})
    refused = assess_order(order, account_on_journal(journal_of(result), limits=tight)).verdict
    assert (refused.verdict, refused.rule) == ("veto", "position_size")
    fresh = assess_order(order, fresh_account_state(config))
    assert (fresh.verdict.position, fresh.instrument.symbol) == (0.0, "BTCUSDT")


def test_invalid_requests_raise_usage_errors(result: RunResult, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="names rules beside 'all'"):
        report_risk(journal_of(result), without=(EVERY_RULE, "position_size"))
    with pytest.raises(JournalError, match="no journal here"):
        newest_journal(tmp_path)
    assert newest_journal(journal_of(result).parent) == journal_of(result)
