"""Experiment report: the verdict first, then every figure that it rests on."""

from datetime import UTC, datetime
from html import escape
from pathlib import Path

from quaestor.analysis.forecasts.forecasts import POOLED
from quaestor.analysis.forecasts.skill import Calibration
from quaestor.report import experiment_figures as figures
from quaestor.report import experiment_tables as tables
from quaestor.report.document import chart, document, write_page
from quaestor.report.figures import Figure
from quaestor.report.reliability import reliability
from quaestor.research.experiment.holdout_log import Access
from quaestor.research.experiment.result import Experiment, HoldOut, Period

_ACCESS = {
    Access.OPENED: "It was opened for the first time, after everything else was fixed.",
    Access.REOPENED: "It had been opened before and was opened again on request. What it shows is no test any more.",
    Access.CLOSED: "It was left closed, as requested.",
    Access.REFUSED: "It had been opened before, so it stayed closed: a second look would be no test.",
}


def write_experiment_report(experiment: Experiment, target: Path) -> Path:
    """Write the page; the file appears whole or not at all.

    Raises:
        OutputError: the target cannot be written.
    """
    return write_page(render_experiment(experiment), target)


def render_experiment(experiment: Experiment) -> str:
    """Return the page as text."""
    charts: dict[str, Figure] = {}
    sections = [
        _verdict(experiment),
        _period("walk", "Walk-forward test", experiment.walk_forward, charts),
        _hold_out(experiment.hold_out, charts),
        _models(experiment, charts),
        _settings(experiment),
    ]
    title = f"Quaestor · trained strategy on {', '.join(experiment.symbols)} {experiment.timeframe}"
    return document(title, sections, charts)


def _verdict(experiment: Experiment) -> str:
    split = experiment.split
    periods = (
        f"Trained only: {_day(split.first_ts)} – {_day(split.start_ts)}. Walk-forward test, trained again every "
        f"{split.retrain_bars:,} bars: {_day(split.start_ts)} – {_day(split.holdout_ts)}. Hold-out: "
        f"{_day(split.holdout_ts)} – {_day(split.last_ts)}. Configurations tried on these instruments so far: "
        f"{experiment.trials}."
    )
    caveats = [
        "Simulated on recorded bars. Costs are those of the settings, not of a live venue.",
        "Bands and probabilities are about this period; they do not predict the next.",
        "The classical strategies have their default settings and begin with a fresh account where the period does.",
        *experiment.notes,
    ]
    listed = "".join(f"<li>{escape(note)}</li>" for note in caveats)
    return (
        f"<section><h2>Verdict</h2><p><b>{escape(experiment.verdict.sentence)}</b></p><p>{escape(periods)}</p>"
        f"<div class=tiles>{tables.tiles(experiment)}</div><ul>{listed}</ul></section>"
    )


def _period(name: str, title: str, period: Period, charts: dict[str, Figure]) -> str:
    charts[f"{name}-growth"] = figures.growth(period.curves)
    overall = [each for each in period.forecasts if not each.symbol and not each.regime]
    charts[f"{name}-reliability"] = reliability([Calibration(each.model, each.skill.reliability) for each in overall])
    pooled = [each for each in period.forecasts if each.model == POOLED]
    parts = [
        f"<section id={name}><h2>{escape(title)}, {_day(period.first_ts)} – {_day(period.end_ts)}</h2>",
        tables.money(period),
        chart(f"{name}-growth", "Growth in percent; holding the whole account can be switched on in the legend"),
        f"<h3>The trained strategy less each other one, on the same days</h3>{tables.versus(period)}",
        f"<h3>Symbol by symbol</h3>{tables.symbols(period)}",
        f"<h3>By regime</h3>{tables.regimes(period)}",
        f"<h4>Regime of the next bar</h4>{tables.walk(period)}",
        f"<h3>Forecasts</h3>{tables.forecasts(overall)}",
        "<p class=quiet>Each was made before its outcome, by models not trained on it. Outcomes overlap: the "
        "effective number corrects for that, and weighs every figure.</p>",
        chart(f"{name}-reliability", "Reliability: frequency by probability given; the marks grow with the outcomes"),
        f"<h4>All models together, by symbol and regime</h4>{tables.forecasts(pooled)}",
        f"<h3>Decisions and abstentions, bar by bar</h3>{tables.conduct(period.conduct)}</section>",
    ]
    return "\n".join(parts)


def _hold_out(hold_out: HoldOut, charts: dict[str, Figure]) -> str:
    access = escape(_ACCESS[hold_out.access])
    if hold_out.period is None:
        return f"<section id=hold-out><h2>Hold-out</h2><p>{access}</p></section>"
    return f"<section><h2>Hold-out</h2><p>{access}</p></section>" + _period("hold", "Hold-out", hold_out.period, charts)


def _models(experiment: Experiment, charts: dict[str, Figure]) -> str:
    charts["edges"] = figures.edges(experiment.edges)
    charts["weights"] = figures.weights(experiment.weights)
    return "\n".join(
        [
            f"<section id=models><h2>Models</h2>{tables.models(experiment.models)}",
            chart("edges", "Expected gain by probability in the final models, with one standard error"),
            chart("weights", "Shares of the models in the pool, mean of each month of the walk-forward test"),
            f"<h3>Memory of the final models</h3>{tables.memory(experiment.models)}",
            f"<h3>Importance of features in the final models</h3>{tables.importance(experiment.importance)}",
            f"<h3>Model log of the walk-forward test</h3>{tables.model_log(experiment.model_log)}</section>",
        ]
    )


def _settings(experiment: Experiment) -> str:
    rows = [(name, str(value)) for name, value in experiment.settings.items()]
    rows += [(f"data of {each.symbol}", f"{each.bars:,} bars, SHA-256 {each.sha256}") for each in experiment.data]
    rows += [(f"environment: {name}", value) for name, value in experiment.environment.items()]
    rows.append(("trial", experiment.trial_sha256))
    return f"<section><h2>Settings, data and environment</h2>{tables.text_table(('what', 'value'), rows)}</section>"


def _day(ts: int) -> str:
    return f"{datetime.fromtimestamp(ts // 1_000_000_000, tz=UTC):%Y-%m-%d}"
