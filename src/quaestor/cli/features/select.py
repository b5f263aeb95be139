"""`quaestor features select`: choose a few of all candidates by their importance on held-out rows."""

import json
from pathlib import Path
from typing import Annotated

import typer

from quaestor.adapters.sources.files.source_file import open_source
from quaestor.adapters.sources.side_data import SideData, read_bars_and_side_data
from quaestor.adapters.stores.atomic import replace_file
from quaestor.analysis.forecasts.labels import Barrier, parse_barrier
from quaestor.cli.features.options import (
    AsJson,
    Benchmark,
    BenchmarkData,
    Data,
    End,
    FearGreed,
    Funding,
    Headlines,
    Start,
    Symbol,
    Timeframe,
)
from quaestor.cli.output import (
    console,
    err_console,
    format_number,
    format_percent,
    format_time,
    make_table,
    print_json,
    progress,
    refuse_unwritable,
    to_plain,
)
from quaestor.domain.bars import Bars
from quaestor.domain.timeframe import format_timeframe, parse_timeframe
from quaestor.domain.wording import counted
from quaestor.errors import ConfigError
from quaestor.jit.cache import is_compiled
from quaestor.research.selection.result import Selection
from quaestor.research.selection.select import select_features, steps
from quaestor.research.selection.settings import SelectionSettings

_LONGER = ("5m", "15m", "1h", "4h", "1d", "1w")
_DEFAULTS = SelectionSettings()


_Timeframes = Annotated[
    str | None,
    typer.Option("--timeframes", help="Further ones for the candidates, such as 15m,1h; two longer by default."),
]
_Count = Annotated[int, typer.Option("--count", help="Features to choose.")]
_Horizon = Annotated[
    int | None, typer.Option("--horizon", help="Rows ahead whose return is to be predicted; 12 by default.")
]
_Barrier = Annotated[
    str | None,
    typer.Option("--barrier", help="PROFIT,STOP,ROWS[,COST] instead: multiples of volatility, rows, fraction."),
]
_Folds = Annotated[int, typer.Option("--folds", help="Purged folds that measure importance.")]
_Windows = Annotated[int, typer.Option("--windows", help="Walk-forward windows that measure skill.")]
_Embargo = Annotated[
    int | None, typer.Option("--embargo", help="Rows kept away from around a test block; 1 % by default.")
]
_Every = Annotated[int | None, typer.Option("--every", help="Rows from sample to sample; the horizon by default.")]
_TestShare = Annotated[float, typer.Option("--test-share", help="Last part of the rows, never looked at.")]
_Seed = Annotated[int, typer.Option("--seed", help="The same seed gives the same bytes.")]
_Out = Annotated[Path | None, typer.Option("--out", "-o", help="JSON file to write.")]


def select(
    data: Data,
    symbol: Symbol,
    timeframe: Timeframe = None,
    start: Start = None,
    end: End = None,
    headlines: Headlines = None,
    fear_greed: FearGreed = None,
    funding: Funding = None,
    benchmark: Benchmark = None,
    benchmark_data: BenchmarkData = None,
    timeframes: _Timeframes = None,
    count: _Count = _DEFAULTS.count,
    horizon: _Horizon = None,
    barrier: _Barrier = None,
    folds: _Folds = _DEFAULTS.folds,
    windows: _Windows = _DEFAULTS.windows,
    embargo: _Embargo = None,
    every: _Every = None,
    test_share: _TestShare = _DEFAULTS.test_share,
    seed: _Seed = _DEFAULTS.seed,
    out: _Out = None,
    as_json: AsJson = False,
) -> None:
    """Choose features that predict the direction of the price, by their importance on data they were not fitted to.

    The file that --out writes is taken by `quaestor features compute --features @FILE`.
    """
    if out is not None:
        refuse_unwritable(out, ".json", "a selection")
    ahead = _horizon(horizon, barrier)
    side = SideData(headlines, fear_greed, funding, benchmark, benchmark_data)
    bars = read_bars_and_side_data(open_source(data), symbol, side, timeframe=timeframe, start=start, end=end)
    settings = SelectionSettings(
        count=count,
        horizon=ahead,
        timeframes=_timeframes(timeframes, bars.interval_ns),
        folds=folds,
        windows=windows,
        test_share=test_share,
        step_rows=every,
        embargo_rows=embargo,
        survivors=max(_DEFAULTS.survivors, count),
        seed=seed,
    )
    _present(_watched(bars, settings, silent=as_json), out, as_json=as_json)


def _present(selection: Selection, out: Path | None, *, as_json: bool) -> None:
    """Write the selection to the file, if one is given, and print it."""
    if out is not None:
        text = json.dumps(to_plain(selection), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        replace_file(out, lambda path: path.write_text(text, encoding="utf-8"))
    if as_json:
        print_json(selection)
    else:
        _print(selection)


def _watched(bars: Bars, settings: SelectionSettings, *, silent: bool) -> Selection:
    """Select with a progress bar; before the first run of a version, print that it compiles."""
    if not silent and not is_compiled("features.indicators.momentum.rsi"):
        err_console.print("compiling the candidates: once a version, about half a minute; later runs start at once")
    with progress("starting", steps(len(bars), settings), silent=silent, by_stage=True) as bar:
        return select_features(bars, settings, progress=bar)


def names_in_file(path: Path) -> list[str]:
    """Return the names of a file that `features select --out` wrote: a JSON object whose `features` is a list of names.

    Raises:
        ConfigError: the file cannot be read or holds something else.
    """
    place, remedy = f"--features @{path}", "name a file that `quaestor features select --out FILE` wrote"
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", place=place, remedy=remedy) from error
    except ValueError as error:
        raise ConfigError(f"is no JSON ({error})", place=place, remedy=remedy) from error
    names = document.get("features") if isinstance(document, dict) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ConfigError("holds no list of names under 'features'", place=place, remedy=remedy)
    return names


def _horizon(rows: int | None, barrier: str | None) -> int | Barrier:
    if barrier is None:
        return rows if rows is not None else _DEFAULTS.horizon_rows
    if rows is not None:
        raise ConfigError("both were given", place="--horizon, --barrier", remedy="leave one out: a barrier has rows")
    return parse_barrier(barrier, place="--barrier")


def _timeframes(text: str | None, interval_ns: int) -> tuple[str, ...]:
    """Return the timeframes that are named, or the two nearest usual ones that the rows can build."""
    if text is not None:
        return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    longer = [name for name in _LONGER if _is_longer(parse_timeframe(name), interval_ns)]
    return tuple(longer[:2])


def _is_longer(frame_ns: int, interval_ns: int) -> bool:
    return frame_ns > interval_ns and frame_ns % interval_ns == 0


def _print(selection: Selection) -> None:
    title = f"{len(selection.features)} of {selection.candidates:,} candidates, {selection.symbol}"
    columns = ("rank", "name", "importance", "±", "stability", "AUC", "represents")
    table = make_table(f"{title} {format_timeframe(selection.interval_ns)}", *columns, right=set(columns) - {"name"})
    for rank, chosen in enumerate(selection.chosen, start=1):
        figures = (format_number(1e3 * value, 3) for value in (chosen.importance, chosen.importance_std))
        steady = (format_percent(chosen.stability, 0), format_number(chosen.auc, 3))
        table.add_row(str(rank), chosen.name, *figures, *steady, str(len(chosen.represents)))
    console.print(table)
    console.print("importance: thousandths of held-out log-loss; represents: look-alikes that were left out")
    skill, dropped = selection.skill, sum(len(group.names) for group in selection.dropped)
    console.print(
        f"{selection.training_rows:,} rows from {format_time(selection.first_ts)} to {format_time(selection.last_ts)}, "
        f"{selection.samples:,} samples; the last {selection.test_rows:,} rows were not looked at"
    )
    console.print(
        f"{counted(dropped, 'candidate')} unusable, the rest in {counted(selection.clusters, 'cluster')}; "
        f"agreement of the folds beyond chance {format_number(selection.agreement)}"
    )
    console.print(
        f"on {skill.samples:,} samples never seen, choosing anew for each of {counted(skill.windows, 'window')}: "
        f"accuracy {format_percent(skill.accuracy, 1)} (base rate {format_percent(skill.base_accuracy, 1)}), "
        f"log-loss {format_number(skill.log_loss, 4)} (base rate {format_number(skill.base_log_loss, 4)}), "
        f"AUC {format_number(skill.auc, 3)} (95 % of shuffled labels are below {format_number(skill.shuffled_auc, 3)})"
    )
    for warning in selection.warnings:
        err_console.print(f"warning: {warning}")
