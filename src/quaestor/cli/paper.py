"""`quaestor paper`: the live path on recorded data, one bar at a time."""

from typing import Annotated

import typer

from quaestor.adapters.clocks import FreeRunningClock, PacedClock
from quaestor.cli import run_options as o
from quaestor.cli.output import err_console, progress
from quaestor.errors import ConfigError
from quaestor.ports import Clock
from quaestor.research.run import paper as run_paper
from quaestor.runtime.assemble import Assembly

Speed = Annotated[str, typer.Option("--speed", help="1 is real time, 60 a minute a second, max as fast as it goes.")]


def paper(
    data: o.Data = None,
    symbol: o.Symbol = None,
    timeframe: o.Timeframe = None,
    start: o.Start = None,
    end: o.End = None,
    market: o.Market = None,
    funding: o.FundingFile = None,
    mark: o.MarkFile = None,
    instruments: o.Instruments = None,
    strategy: o.Strategy = None,
    settings: o.Settings = None,
    capital: o.Capital = None,
    size: o.Size = None,
    leverage: o.Leverage = None,
    fee_bps: o.FeeBps = None,
    slippage_bps: o.SlippageBps = None,
    spread_bps: o.SpreadBps = None,
    latency_ms: o.LatencyMs = None,
    volume_cap: o.VolumeCap = None,
    risk: o.Risk = None,
    limits: o.Limits = None,
    regime: o.RegimeName = None,
    execution: o.Execution = None,
    journal: o.JournalDir = None,
    journal_level: o.JournalLevel = None,
    out: o.Out = None,
    config: o.ConfigFile = None,
    profile: o.Profile = None,
    speed: Speed = "1",
    as_json: o.AsJson = False,
) -> None:
    """Trade recorded bars through the venue port, at any speed. Killed at any instant, the same command goes on."""
    options = o.options_of(
        data=data,
        symbol=symbol,
        timeframe=timeframe,
        start=start,
        end=end,
        market=market,
        funding=funding,
        mark=mark,
        instruments=instruments,
        strategy=strategy,
        capital=capital,
        size=size,
        leverage=leverage,
        fee_bps=fee_bps,
        slippage_bps=slippage_bps,
        spread_bps=spread_bps,
        latency_ms=latency_ms,
        volume_cap=volume_cap,
        risk=risk,
        regime=regime,
        execution=execution,
        journal=journal,
        journal_level=journal_level,
        out=out,
    )
    chosen = o.read_config(options, settings, limits, config, profile)
    clock = _clock(speed)
    with progress("loading", silent=as_json) as bar:

        def assembled(assembly: Assembly) -> None:
            bar.describe("trading on paper")
            bar.expect(len(assembly.bars))

        result = run_paper(chosen, clock, tick=bar.at, on_assembled=assembled)
    o.show(result, as_json=as_json)
    if result.summary.journal and not as_json:
        err_console.print(
            f"journal: {result.summary.journal} — prove it with: quaestor replay {result.summary.journal}"
        )


def _clock(speed: str) -> Clock:
    if speed == "max":
        return FreeRunningClock()
    try:
        return PacedClock(float(speed))
    except ValueError:
        raise ConfigError(f"'{speed}' is no speed", place="--speed", remedy="give a number above 0, or max") from None
