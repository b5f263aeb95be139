"""Risk use cases: limits in use on a journal's account, and the officer's verdict about an order that is not placed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from quaestor.analysis.counterfactual import Refusals, RuleOutcome
from quaestor.analysis.journal_rows import read_rows
from quaestor.analysis.officer.account import Account, account_of
from quaestor.analysis.officer.account_state import AccountState, account_state_from_journal
from quaestor.analysis.officer.breakers import BreakerSet, breakers_set
from quaestor.analysis.officer.limit_use import LimitUse, Suggestion, limit_uses, suggestions
from quaestor.analysis.officer.order_request import OrderRequest
from quaestor.analysis.officer.order_verdict import OrderVerdict, evaluate_order
from quaestor.analysis.simulate import refusals_of
from quaestor.app.ablation import AblationRun, removable_rules, run_ablation
from quaestor.domain.instrument import Instrument
from quaestor.errors import ConfigError
from quaestor.explain.journaled_decision import find_time
from quaestor.ports.progress import NO_PROGRESS, Progress
from quaestor.risk.settings import RiskSettings
from quaestor.runtime.assembly.assemble import Assembly
from quaestor.runtime.session.session import Observer

#: In place of rules to run without: every rule that refused something.
EVERY_RULE = "all"


@dataclass(frozen=True, slots=True)
class RiskReport:
    """An account, its limits and its refusals, in the order of the JSON document; `ts`: last close, ns UTC."""

    ts: int
    symbols: tuple[str, ...]
    account: Account
    limits: list[LimitUse]
    breakers: list[BreakerSet]
    suggestions: list[Suggestion]
    refusals: list[RuleOutcome]
    reruns: list[AblationRun]


@dataclass(frozen=True, slots=True)
class OrderAssessment:
    """Verdict about an order, with the order's instrument and the account's last close, ns UTC."""

    verdict: OrderVerdict
    instrument: Instrument
    ts: int


def report_risk(
    journal: Path,
    *,
    at: str | None = None,
    data: Path | None = None,
    without: Sequence[str] = (),
    progress: Progress = NO_PROGRESS,
) -> RiskReport:
    """Return what a journal's account held, how much of each limit that used, and what refusals saved and cost.

    Args:
        journal: directory of the journal; its run is repeated.
        at: a decision's number, ``trade:K``, ``order:ID`` or an ISO time; None: the end.
        data: the data file, if it was moved since.
        without: rules that the run is repeated without, one at a time; `EVERY_RULE` alone: each that refused something.
        progress: receives the stages and the bars done.

    Raises:
        UsageError: no such time or rule, or a journal that cannot be repeated.
    """
    watched: list[tuple[Assembly, Refusals]] = []

    def observers(assembly: Assembly) -> tuple[Observer, ...]:
        watched.append((assembly, refusals_of(assembly)))
        return (watched[-1][1],)

    until = _time_of(journal, at)
    state = account_state_from_journal(journal, until, data=data, observers=observers, progress=progress)
    assembly, refusals = watched[-1]
    outcomes = refusals.outcomes()
    reruns = _reruns(assembly, without, outcomes, progress) if without else []
    used = limit_uses(state)
    return RiskReport(
        state.ts,
        state.symbols,
        account_of(state),
        used,
        breakers_set(state),
        suggestions(state, used),
        outcomes,
        reruns,
    )


def account_on_journal(
    journal: Path,
    *,
    at: str | None = None,
    data: Path | None = None,
    limits: RiskSettings | None = None,
    progress: Progress = NO_PROGRESS,
) -> AccountState:
    """Return the account of a journal at a time, to evaluate orders on.

    Args:
        journal: directory of the journal; its run is repeated.
        at: as of `report_risk`.
        data: the data file, if it was moved since.
        limits: instead of the run's; breakers that are set stay set.
        progress: receives the bars done.

    Raises:
        UsageError: as `report_risk`.
    """
    state = account_state_from_journal(journal, _time_of(journal, at), data=data, progress=progress)
    return state if limits is None else state.under(limits)


def assess_order(order: OrderRequest, state: AccountState) -> OrderAssessment:
    """Return the verdict about an order on an account; nothing is placed.

    Raises:
        UsageError: the order makes no sense on this account.
    """
    verdict = evaluate_order(state, order.symbol, order.side, order.quantity, order.price)
    return OrderAssessment(verdict, state.instruments[state.index_of(verdict.symbol)], state.ts)


def _time_of(journal: Path, at: str | None) -> int | None:
    return None if at is None else find_time(read_rows(journal), at, journal)


def _reruns(
    assembly: Assembly, without: Sequence[str], outcomes: Sequence[RuleOutcome], progress: Progress
) -> list[AblationRun]:
    names = list(without)
    if EVERY_RULE in names:
        if len(names) > 1:
            raise ConfigError(f"names rules beside '{EVERY_RULE}'", place="--rerun", remedy="give one or the other")
        names = removable_rules(outcomes)
    return run_ablation(assembly, names, progress)
