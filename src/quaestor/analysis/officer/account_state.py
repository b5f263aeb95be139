"""Account state: an engine at one moment, with the officer's memory, on which limits and orders are evaluated."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from quaestor.domain.instrument import Instrument
from quaestor.engine.engine import Engine
from quaestor.engine.in_flight import reserve_in_flight
from quaestor.errors import ConfigError, UnknownNameError
from quaestor.execution.planner import working_lots
from quaestor.jit.tables import Table
from quaestor.ports.progress import NO_PROGRESS, Progress
from quaestor.risk.catalog import RULES
from quaestor.risk.intervals import INTERVAL, intervals
from quaestor.risk.settings import RiskSettings
from quaestor.runtime.assembly.assemble import Assembly, assemble
from quaestor.runtime.config import RunConfig
from quaestor.runtime.journal.recorder import NoRecorder
from quaestor.runtime.recovery.replay import run_up_to
from quaestor.runtime.session.backtest import run_backtest
from quaestor.runtime.session.session import Observer


@dataclass(frozen=True, slots=True)
class AccountState:
    """Engine, symbols and instruments in the order of the account's books; `ts` is the close of the last bar, ns
    UTC."""

    symbols: tuple[str, ...]
    instruments: tuple[Instrument, ...]
    settings: RiskSettings
    engine: Engine
    ts: int

    def index_of(self, symbol: str | None) -> int:
        """Return the index of an instrument; None stands for the only one.

        Raises:
            ConfigError: no symbol is named on an account of several.
            UnknownNameError: the symbol is not on this account.
        """
        if symbol is None:
            if len(self.symbols) == 1:
                return 0
            raise ConfigError(
                "the account holds several symbols and the question names none",
                place="--symbol",
                remedy=f"name one of: {', '.join(self.symbols)}",
            )
        if symbol not in self.symbols:
            raise UnknownNameError("symbol", symbol, self.symbols, place="--symbol")
        return self.symbols.index(symbol)

    def last_ticks(self, index: int) -> int:
        """Return the last close of an instrument in ticks, 0 before its first bar."""
        return int(self.engine.books[index]["risk"]["last_close"])

    def held(self, index: int) -> int:
        """Return the signed lots held."""
        return int(self.engine.books[index]["position"]["lots"])

    def expected(self, index: int) -> int:
        """Return the signed lots once every order in flight has filled."""
        held = self.held(index)
        working = int(working_lots(self.engine.account[0]["order_state"], self.engine.orders, index))
        # opposite signs: a reversal, whose exit takes the present position away
        return working if held * working < 0 else held + working

    def permissions(self, index: int, ticks: int, target: int) -> Table:
        """Return every rule's interval and figure (dtype INTERVAL) for holding `target` lots."""
        engine = self.engine
        rows = np.zeros(len(RULES), INTERVAL)
        books = engine.books.copy()  # a rule may refresh its estimates
        account = engine.account.copy()
        if len(books) > 1:
            reserve_in_flight(account[0], books, engine.orders, engine.instruments, index)
        limits = engine.params[0]["risk"]
        intervals(account[0], books, index, engine.instruments[index], limits, ticks, target, rows)
        return rows

    def under(self, settings: RiskSettings) -> "AccountState":
        """Return the same account under other limits. Breakers that are set stay set."""
        engine = _copy(self.engine)
        settings.pack(engine.params[0]["risk"], engine.params[0]["exits"])
        return replace(self, settings=settings, engine=engine)


def _copy(engine: Engine) -> Engine:
    twin = Engine(engine.instruments, engine.params.copy(), 0)
    twin.account, twin.books, twin.orders = engine.account.copy(), engine.books.copy(), engine.orders.copy()
    return twin


def _no_observers(_: Assembly) -> tuple[Observer, ...]:
    return ()


def account_state_from_journal(
    path: Path,
    until_ns: int | None = None,
    *,
    data: Path | None = None,
    observers: Callable[[Assembly], tuple[Observer, ...]] = _no_observers,
    progress: Progress = NO_PROGRESS,
) -> AccountState:
    """Return the account as a journal's run left it, or as of a time; errors as of `replay.run_up_to`."""
    assembly, finished = run_up_to(path, until_ns, data=data, observers=observers, progress=progress)
    return account_state_of(assembly, finished.engine)


def fresh_account_state(config: RunConfig, *, progress: Progress = NO_PROGRESS) -> AccountState:
    """Return an account that has only watched the bars of a configuration, so that volatility is known.

    Raises:
        UsageError: see `runtime.assembly.assemble.assemble`.
    """
    assembly = assemble(config, venue_inside=True)
    watching = assembly.params.copy()
    watching[0]["policy"]["confidence_min"] = np.inf  # no opinion passes
    finished = run_backtest(replace(assembly, params=watching), NoRecorder(), (), progress)
    return account_state_of(assembly, finished.engine)


def account_state_of(assembly: Assembly, engine: Engine) -> AccountState:
    """Return the state of an engine after a run of what is assembled."""
    return AccountState(
        assembly.symbols,
        tuple(traded.instrument for traded in assembly.traded_instruments),
        assembly.settings.risk,
        engine,
        int(engine.books["risk"]["last_ts"].max()),
    )
