"""`quaestor demo`: run the whole system on the bundled sample, from import to report."""

import shutil
import time
from pathlib import Path
from typing import Annotated

import typer

from quaestor.adapters.clocks import FreeRunningClock
from quaestor.adapters.optional import load_extra
from quaestor.adapters.sources.files.gate import check_file
from quaestor.adapters.sources.files.ingest import Importer
from quaestor.adapters.sources.files.source_file import open_source
from quaestor.adapters.stores.atomic import replace_file
from quaestor.adapters.stores.parquet import ParquetBarStore
from quaestor.adapters.stores.sqlite import SqliteStore
from quaestor.analysis.results import Summary
from quaestor.app.replay import replay
from quaestor.app.run import backtest, paper
from quaestor.app.train import REPORT_FILE, train
from quaestor.brain.trained.settings import NAME as LEARNED
from quaestor.cli.output import console, format_number, format_percent, make_table, print_json, progress
from quaestor.cli.run.options import AsJson
from quaestor.cli.train.tables import print_experiment
from quaestor.domain.wording import counted
from quaestor.errors import OutputError
from quaestor.report import write_report
from quaestor.report.document import load_chart_library
from quaestor.research.experiment.result import Experiment
from quaestor.research.experiment.settings import ExperimentSettings
from quaestor.research.training.settings import TrainingSettings
from quaestor.runtime.config import JournalConfig, RunConfig, load_config
from quaestor.sample import SAMPLES, sample_path

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
#: Strategies that are shown, and that the AI is compared with. Those that compile longest (`patterns`) are left out, so
#: that a first start stays short.
STRATEGIES = ("ema_cross", "mean_reversion", "breakout", "confluence")
#: Marks a directory as written by a demo.
_MARKER = ".quaestor-demo"
#: Where the AI's run lies.
_LEARNED = "learned"
#: Two learners, a specialist, what learns online and what is classical: a small ensemble, trained in seconds.
_TRAINING = TrainingSettings(learners=("logistic", "lightgbm"), samples_max=4_000)
#: The last days of the one-minute sample, traded on paper.
PAPER_FROM = "2024-01-29"


def demo(
    out: Annotated[
        Path, typer.Option("--out", help="Directory for everything the demo writes; new, or an earlier demo's.")
    ] = Path("demo-out"),
    as_json: AsJson = False,
) -> None:
    """Import the sample, check it, backtest the strategies, trade on paper, prove it, train an AI, report."""
    _load_libraries()
    _clear(out)
    started = time.perf_counter()
    _import_sample(out / "data", as_json=as_json)
    runs = _backtests(out, as_json=as_json)
    on_paper, agrees, identical = _paper(out)
    learned = _learn(out, as_json=as_json)
    html = write_report([Path(run.out) for run in runs if run.out], out / "report.html")
    seconds = time.perf_counter() - started
    if as_json:
        checks = {"paper_equals_backtest": agrees, "replay_identical": identical}
        print_json({"runs": runs, "paper": on_paper, **checks, "learned": learned, "report": html, "seconds": seconds})
    else:
        _print_outcome(runs, on_paper, agrees=agrees, identical=identical)
        print_experiment(learned)
        console.print(learned.verdict.sentence, markup=False, soft_wrap=True)
        _print_where(runs, html, out / _LEARNED / REPORT_FILE, seconds)
    if not (agrees and identical):
        raise typer.Exit(1)


def _load_libraries() -> None:
    """Load what training and reports need, before any work is done.

    Raises:
        ConfigError: an extra is not installed.
    """
    load_chart_library()
    for library in ("sklearn", "lightgbm", "threadpoolctl"):
        load_extra(library, place="quaestor demo")


def _clear(out: Path) -> None:
    """Make room for the demo's files; remove only what an earlier demo wrote.

    Raises:
        OutputError: something else is there, or the directory cannot be made.
    """
    try:
        if (out / _MARKER).is_file():
            shutil.rmtree(out)
        elif out.exists() and any(out.iterdir() if out.is_dir() else (out,)):
            raise OutputError("is not empty", place=str(out), remedy="give another directory with --out")
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", place=str(out)) from error
    told = "Written by `quaestor demo`, which replaces this directory.\n"
    replace_file(out / _MARKER, lambda path: path.write_text(told, encoding="utf-8"))


def _import_sample(root: Path, *, as_json: bool) -> None:
    table = make_table("Quality of the sample", "symbol", "bar", "rows", "missing", "quarantined", "verdict")
    with SqliteStore(root / "quaestor.sqlite") as facts, progress("importing the sample", silent=as_json):
        importer = Importer(ParquetBarStore(root), facts)
        for name in SAMPLES:
            source = open_source(sample_path(name))
            for check in check_file(source):
                imported = importer.take(source, check.symbol)
                missing, aside = check.report.missing_bars, check.report.quarantined
                table.add_row(
                    check.symbol, imported.timeframe, f"{imported.rows:,}", str(missing), str(aside), check.verdict
                )
    if not as_json:
        console.print(table)


def _config(out: Path, name: str, symbol: str, timeframe: str, strategy: str, **more: object) -> RunConfig:
    options: dict[str, object] = {
        "data.path": out / "data",
        "data.symbol": symbol,
        "data.timeframe": timeframe,
        "strategy.name": strategy,
        "regime": "volatility_trend",
        "journal.dir": out / "journals" / name,
        "out": out / name if name == _LEARNED else out / "runs" / name,
        **more,
    }
    return load_config(options=options, environment={}, dotenv=None)


def _backtests(out: Path, *, as_json: bool) -> list[Summary]:
    summaries = []
    with progress("backtesting", total=len(STRATEGIES) * len(SYMBOLS), silent=as_json) as bar:
        for strategy in STRATEGIES:
            for symbol in SYMBOLS:
                bar.describe(f"backtesting {strategy} on {symbol}")
                config = _config(out, f"{strategy}-{symbol}", symbol, "1h", strategy)
                summaries.append(backtest(config).summary)
                bar.advance()
    return summaries


def _paper(out: Path) -> tuple[Summary, bool, bool]:
    """Trade the last days on paper.

    Returns the summary, whether a backtest of the same days agrees, and whether the journal replays identically.
    """
    days: dict[str, object] = {"data.start": PAPER_FROM}
    config = _config(out, "paper", "BTCUSDT", "1m", "ema_cross", **days)
    on_paper = paper(config, FreeRunningClock()).summary
    tested = backtest(_config(out, "paper-backtest", "BTCUSDT", "1m", "ema_cross", **days)).summary
    agrees = (on_paper.equity_final, on_paper.trades, on_paper.fees) == (
        tested.equity_final,
        tested.trades,
        tested.fees,
    )
    return on_paper, agrees, replay(out / "journals" / "paper").identical


def _learn(out: Path, *, as_json: bool) -> Experiment:
    """Train on the three symbols of one account: half a year to learn from, then walk forward, then the hold-out."""
    more: dict[str, object] = {"models.dir": out / "models", "models.first_bars": 4380, "models.retrain_bars": 1460}
    more["models.validation_bars"] = 0  # a year is too short to compare two models
    config = _config(out, _LEARNED, ",".join(SYMBOLS), "1h", LEARNED, **more)
    config = config.model_copy(update={"journal": JournalConfig()})  # an experiment keeps its own
    settings = ExperimentSettings(training=_TRAINING, strategies=STRATEGIES)
    with progress("training", silent=as_json) as bar:
        return train(config, settings, progress=bar).experiment


def _print_outcome(runs: list[Summary], on_paper: Summary, *, agrees: bool, identical: bool) -> None:
    numbers = ("trades", "return", "holding", "drawdown", "Sharpe", "fees", "vetoes", "shrinks")
    table = make_table(
        "One year of hours, costs on, default risk limits", "strategy", "symbol", *numbers, right=set(numbers)
    )
    for run in runs:
        table.add_row(
            run.strategy,
            run.symbol,
            format_number(run.trades, 0),
            format_percent(run.total_return),
            format_percent(run.buy_and_hold_return),
            format_percent(run.max_drawdown),
            format_number(run.sharpe),
            format_number(run.fees),
            format_number(run.vetoes, 0),
            format_number(run.shrinks, 0),
        )
    console.print(table)
    console.print(_result_text(runs))
    console.print(
        f"Paper replay of BTCUSDT minutes from {PAPER_FROM}: {counted(on_paper.trades, 'trade')}, return "
        f"{format_percent(on_paper.total_return)}. Same as the backtest of these days: {'yes' if agrees else 'NO'}. "
        f"Its journal replays byte for byte: {'yes' if identical else 'NO'}."
    )


def _print_where(runs: list[Summary], html: Path, learned: Path, seconds: float) -> None:
    console.print(f"Reports: {html} and {learned} (open them in a browser)", soft_wrap=True)
    console.print(f"Ask why: quaestor why trade:1 --journal {runs[0].journal}", soft_wrap=True)
    console.print(f"Done in {seconds:.1f} s.")


def _result_text(runs: list[Summary]) -> str:
    """Return what the table shows as one sentence, gain or loss."""
    made = sum(run.total_return > 0.0 for run in runs)
    beat = sum(run.total_return > run.buy_and_hold_return for run in runs)
    return (
        f"{made} of {len(runs)} runs made money after costs, {beat} beat holding. Textbook rules with textbook "
        "parameters, small positions, one rising year: no evidence of an edge, and none is claimed."
    )
