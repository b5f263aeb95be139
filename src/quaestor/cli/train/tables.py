"""Experiment tables: figures, forecasts, regimes and models of an experiment in the terminal."""

from quaestor.analysis.forecasts.forecasts import Forecast, Share
from quaestor.analysis.sharpe_band import Band
from quaestor.cli.output import MISSING, console, err_console, format_number, format_percent, format_time, make_table
from quaestor.domain.wording import counted
from quaestor.research.experiment.holdout_log import Access
from quaestor.research.experiment.money import Money
from quaestor.research.experiment.result import Experiment, Period

_ACCESS = {
    Access.OPENED: "opened for the first time",
    Access.REOPENED: "opened again, though it had been opened before: these figures are no test any more",
    Access.CLOSED: "not opened, as requested",
    Access.REFUSED: "not opened, since it had been opened before; --reopen-holdout opens it again",
}


def print_experiment(experiment: Experiment) -> None:
    """Print the figures, the most important last."""
    _print_conduct(experiment.walk_forward)
    _print_forecasts(experiment.walk_forward)
    _print_regimes(experiment.walk_forward)
    _print_symbols(experiment.walk_forward)
    _print_money("Walk-forward test", experiment.walk_forward)
    console.print(f"Hold-out: {_ACCESS[experiment.hold_out.access]}.", markup=False, soft_wrap=True)
    if experiment.hold_out.period is not None:
        _print_money("Hold-out", experiment.hold_out.period)
    _print_models(experiment)
    for note in experiment.notes:
        err_console.print(f"note: {note}", markup=False, soft_wrap=True)


def band_text(band: Band | None) -> str:
    """Return a confidence band as text; a dash for None.

    Example:
        >>> band_text(Band(-0.5, 1.25)), band_text(None)
        ('-0.50 … 1.25', '–')
    """
    return MISSING if band is None else f"{band.low:.2f} … {band.high:.2f}"


def _print_money(title: str, period: Period) -> None:
    numbers = ("return", "Sharpe", "95 %", "deflated", "drawdown", "trades", "turnover", "fees", "slippage")
    dates = f"{format_time(period.first_ts)[:10]} – {format_time(period.end_ts)[:10]}"
    table = make_table(f"{title}, {dates}, net of all costs", "strategy", *numbers, right=set(numbers))
    for money in period.money:
        table.add_row(money.name, *_money_cells(money))
    console.print(table)
    ahead = ("return", "Sharpe", "95 %")
    beside = make_table("The trained strategy less each other one, on the same days", "other", *ahead, right=set(ahead))
    for each in period.versus:
        excess, lead = format_percent(each.excess_return), format_number(each.sharpe_difference)
        beside.add_row(each.name, excess, lead, band_text(each.band))
    console.print(beside)


def _money_cells(money: Money) -> list[str]:
    return [
        format_percent(money.total_return),
        format_number(money.sharpe),
        band_text(money.sharpe_band),
        format_number(money.deflated),
        format_percent(money.max_drawdown),
        format_number(money.trades, 0),
        format_number(money.turnover, 1),
        format_number(money.fees),
        format_number(money.frictions),
    ]


def _print_forecasts(period: Period) -> None:
    numbers = ("outcomes", "effective", "right", "base rate", "Brier", "of the base", "log loss", "AUC")
    table = make_table("Forecasts before their outcomes were known", "model", "where", *numbers, right=set(numbers))
    for each in period.forecasts:
        if not each.regime:
            table.add_row(each.model, each.symbol or "all", *_skill_cells(each))
    for each in period.forecasts:
        if each.regime and each.model == period.forecasts[0].model:
            table.add_row(each.model, each.regime, *_skill_cells(each))
    console.print(table)


def _skill_cells(each: Forecast) -> list[str]:
    skill = each.skill
    return [
        format_number(skill.outcomes, 0),
        format_number(skill.effective, 0),
        format_percent(skill.accuracy, 1),
        format_percent(skill.base_rate, 1),
        format_number(skill.brier, 4),
        format_number(each.base_brier, 4),
        format_number(skill.log_loss, 4),
        format_number(skill.area, 3),
    ]


def _print_regimes(period: Period) -> None:
    numbers = ("of the bars", "bars in a row", "market", "trades", "profit", "win rate")
    table = make_table("By regime", "regime", "strategy", *numbers, right=set(numbers))
    for market in period.market:
        figures = (format_percent(market.share, 1), format_number(period.walk.bars_in_a_row(market.regime), 1))
        table.add_row(market.regime, "holding", *figures, format_percent(market.growth), "", "", "")
        for own in (each for each in period.regimes if each.regime == market.regime):
            cells = (format_number(own.trades, 0), format_number(own.pnl), format_percent(own.win_rate, 1))
            table.add_row("", own.strategy, "", "", "", *cells)
    console.print(table)


def _print_symbols(period: Period) -> None:
    numbers = ("trades", "win rate", "profit", "fees", "holding")
    table = make_table("The trained strategy symbol by symbol", "symbol", *numbers, right=set(numbers))
    for own in period.symbols:
        table.add_row(
            own.symbol,
            format_number(own.trades, 0),
            format_percent(own.win_rate, 1),
            format_number(own.pnl),
            format_number(own.fees),
            format_percent(own.holding),
        )
    console.print(table)


def _print_conduct(period: Period) -> None:
    conduct = period.conduct
    table = make_table("Decisions and abstentions, bar by bar", "what", "bars", "share", right={"bars", "share"})
    shares: list[Share] = [*conduct.abstentions, *conduct.alarms]
    kinds = ["decided" if each.name == "none" else f"abstained: {each.name}" for each in conduct.abstentions]
    kinds += [f"drift alarm: {each.name}" for each in conduct.alarms]
    for kind, each in zip(kinds, shares, strict=True):
        table.add_row(kind.replace("_", " "), format_number(each.count, 0), format_percent(each.share, 1))
    console.print(table)
    console.print(f"drift response: {counted(conduct.escalations, 'step')} up, {conduct.de_escalations} down.")


def _print_models(experiment: Experiment) -> None:
    table = make_table("Final models", "model", "SHA-256", "in use", "why")
    for model in experiment.models:
        table.add_row(model.name, model.sha256[:12], "yes" if model.promoted else "no", model.reason)
    console.print(table)
    used = {line.sha256 for line in experiment.model_log if line.what == "used"}
    console.print(
        f"In use during the walk-forward test: {counted(len(used), 'model')}; "
        f"{counted(experiment.trials, 'configuration')} tried on these instruments so far."
    )
