"""`quaestor backtest`: a strategy over recorded bars, under the risk officer."""

from quaestor.cli import run_options as o
from quaestor.cli.output import err_console, progress
from quaestor.research.run import backtest as run_backtest
from quaestor.runtime.assemble import Assembly


def backtest(
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
    as_json: o.AsJson = False,
) -> None:
    """Run a strategy over recorded bars: costs on, the risk officer on, orders filled from the next bar."""
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
    with progress("loading", silent=as_json) as bar:

        def assembled(assembly: Assembly) -> None:
            bar.describe("compiling and running")
            bar.expect(len(assembly.bars))

        result = run_backtest(chosen, tick=bar.at, on_assembled=assembled)
    o.show(result, as_json=as_json)
    if result.summary.journal and not as_json:
        err_console.print(
            f"journal: {result.summary.journal} — ask with: quaestor why --journal {result.summary.journal} ID"
        )
