"""Options that `backtest` and `paper` share, and how their outcome is shown."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from quaestor.cli.output import (
    console,
    err_console,
    format_number,
    format_percent,
    format_time,
    make_table,
    print_json,
)
from quaestor.research.results import RunResult, Summary
from quaestor.runtime.config import RunConfig, load_config

Data = Annotated[Path | None, typer.Option("--data", help="Parquet or CSV file of bars.", show_default=False)]
Symbol = Annotated[str | None, typer.Option("--symbol", help="Symbol in the file.", show_default=False)]
Timeframe = Annotated[str | None, typer.Option("--timeframe", help="Bar length, such as 1h; the file's own if absent.")]
Start = Annotated[str | None, typer.Option("--from", help="First bar kept (ISO date or time, UTC).")]
End = Annotated[str | None, typer.Option("--to", help="Bars before this time stay (ISO, UTC).")]
Market = Annotated[str | None, typer.Option("--market", help="spot, perp, inverse or equity.")]
FundingFile = Annotated[Path | None, typer.Option("--funding", help="File of funding rates.")]
MarkFile = Annotated[Path | None, typer.Option("--mark", help="File of mark prices.")]
Instruments = Annotated[Path | None, typer.Option("--instruments", help="TOML file of instrument rules.")]
Strategy = Annotated[str | None, typer.Option("--strategy", help="Name in the catalog: ema_cross, …")]
Settings = Annotated[list[str] | None, typer.Option("--set", help="Strategy parameter NAME=VALUE; repeatable.")]
Capital = Annotated[str | None, typer.Option("--capital", help="Starting balance.")]
Size = Annotated[str | None, typer.Option("--size", help="Fraction of equity that a full signal asks for.")]
Leverage = Annotated[str | None, typer.Option("--leverage", help="Leverage of margined positions.")]
FeeBps = Annotated[str | None, typer.Option("--fee-bps", help="Maker and taker fee; the venue's own if absent.")]
SlippageBps = Annotated[
    str | None, typer.Option("--slippage-bps", help="0 also turns spread, latency and volume cap off.")
]
SpreadBps = Annotated[str | None, typer.Option("--spread-bps", help="Half of the spread.")]
LatencyMs = Annotated[str | None, typer.Option("--latency-ms", help="From decision to venue.")]
VolumeCap = Annotated[str | None, typer.Option("--volume-cap", help="Share of a bar's volume we may take, or off.")]
Risk = Annotated[str | None, typer.Option("--risk", help="default, conservative or permissive.")]
Limits = Annotated[list[str] | None, typer.Option("--limit", help="One risk limit NAME=VALUE; repeatable.")]
RegimeName = Annotated[str | None, typer.Option("--regime", help="none or volatility_trend.")]
Execution = Annotated[str | None, typer.Option("--execution", help="market or passive.")]
JournalDir = Annotated[Path | None, typer.Option("--journal", help="Directory of the journal.")]
JournalLevel = Annotated[str | None, typer.Option("--journal-level", help="full or slim.")]
Out = Annotated[Path | None, typer.Option("--out", help="Directory for trades, curves and summary.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="YAML or TOML file of settings.")]
Profile = Annotated[str | None, typer.Option("--profile", help="Profile in the configuration file.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]


_DOTTED = {
    "data": "data.path",
    "symbol": "data.symbol",
    "timeframe": "data.timeframe",
    "start": "data.start",
    "end": "data.end",
    "market": "data.market",
    "funding": "data.funding",
    "mark": "data.mark",
    "instruments": "data.instruments",
    "strategy": "strategy.name",
    "capital": "account.capital",
    "size": "account.size",
    "leverage": "account.leverage",
    "fee_bps": "costs.fee_bps",
    "slippage_bps": "costs.slippage_bps",
    "spread_bps": "costs.spread_bps",
    "latency_ms": "costs.latency_ms",
    "volume_cap": "costs.volume_cap",
    "risk": "risk.profile",
    "regime": "regime",
    "execution": "execution",
    "journal": "journal.dir",
    "journal_level": "journal.level",
    "out": "out",
}


def options_of(**given: object) -> dict[str, object]:
    """Command-line values under the dotted names of the configuration."""
    return {_DOTTED[name]: value for name, value in given.items()}


def read_config(
    options: dict[str, object],
    settings: list[str] | None,
    limits: list[str] | None,
    file: Path | None,
    profile: str | None,
) -> RunConfig:
    """The configuration of a run; data and symbol are required."""
    return load_config(
        file=file,
        profile=profile,
        options=options,
        settings=settings or (),
        limits=limits or (),
        required=("data.path", "data.symbol"),
    )


def show(result: RunResult, *, as_json: bool) -> None:
    """Print a finished run."""
    if as_json:
        print_json(asdict(result.summary))
        return
    _print_tables(result)


def _print_tables(result: RunResult) -> None:
    summary = result.summary
    title = f"{summary.strategy} on {summary.symbol} {summary.market} {summary.timeframe} ({summary.mode})"
    table = make_table(title, "figure", "value", right={"value"})
    for name, value in _figures(summary):
        table.add_row(name, value)
    console.print(table)
    if len(result.verdicts):
        refused = make_table(
            "What the risk officer refused", "rule", "layer", "verdict", "decisions", right={"decisions"}
        )
        for row in result.verdicts.iter_rows(named=True):
            refused.add_row(row["rule"], row["layer"], row["verdict"], format_number(row["count"], 0))
        console.print(refused)
    for note in summary.notes:
        err_console.print(f"note: {note}")
    if summary.breakers:
        err_console.print(f"note: trading ended with these breakers set: {', '.join(summary.breakers)}")


def _figures(summary: Summary) -> list[tuple[str, str]]:
    return [
        ("period", f"{format_time(summary.first_ts)} – {format_time(summary.last_ts)}"),
        ("bars", format_number(summary.bars, 0)),
        ("equity", f"{format_number(summary.equity_initial)} → {format_number(summary.equity_final)}"),
        ("total return", format_percent(summary.total_return)),
        ("buy and hold", format_percent(summary.buy_and_hold_return)),
        ("max drawdown", format_percent(summary.max_drawdown)),
        ("Sharpe / Sortino", f"{format_number(summary.sharpe)} / {format_number(summary.sortino)}"),
        ("trades", format_number(summary.trades, 0)),
        ("win rate", format_percent(summary.win_rate)),
        ("profit factor", format_number(summary.profit_factor)),
        ("fees / funding", f"{format_number(summary.fees)} / {format_number(summary.funding)}"),
        ("vetoes / shrinks", f"{format_number(summary.vetoes, 0)} / {format_number(summary.shrinks, 0)}"),
        ("liquidations", format_number(summary.liquidations, 0)),
        ("speed", f"{format_number(summary.bars / max(summary.seconds, 1e-9), 0)} bars/s"),
    ]
