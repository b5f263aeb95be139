"""Experiment tables: figures of an experiment as HTML."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape

from quaestor.analysis.forecasts.forecasts import Conduct, Forecast, Share
from quaestor.analysis.sharpe_band import Band
from quaestor.report.tables import MISSING, number, table
from quaestor.research.experiment.final import FinalFigures
from quaestor.research.experiment.importance import Importance
from quaestor.research.experiment.money import Comparison, Money
from quaestor.research.experiment.result import Experiment, ModelLine, Period


def tiles(experiment: Experiment) -> str:
    """Return the headline figures as tiles."""
    learned = experiment.walk_forward.money[0]
    pooled = experiment.walk_forward.forecasts[0].skill
    shown = [
        ("return", number(learned.total_return, "percent")),
        ("Sharpe (95 %)", f"{number(learned.sharpe, 'ratio')} ({_band(learned.sharpe_band)})"),
        ("deflated", number(learned.deflated, "ratio")),
        ("trades", number(learned.trades, "count")),
        ("forecasts right", number(pooled.accuracy, "percent")),
        ("base rate", number(pooled.base_rate, "percent")),
    ]
    return "".join(f"<div class=tile><span>{escape(label)}</span><b>{value}</b></div>" for label, value in shown)


def money(period: Period) -> str:
    """Return a table of the figures of every strategy."""
    headings = (
        "strategy", "return", "Sharpe", "95 %", "above 0", "deflated", "max drawdown", "in the market", "trades",
        "win rate", "profit factor", "turnover", "fees", "slippage", "funding",
    )  # fmt: skip
    rows = [[escape(own.name), *_money(own)] for own in period.money]
    note = (
        "Net of all costs. Bands by the circular block bootstrap of days. “Above 0” is the probability of a true "
        "Sharpe ratio above 0, “deflated” of one above what the best of all trials would show without skill. Slippage "
        "and half the spread are in the fill prices already."
    )
    return table(headings, rows) + f"<p class=quiet>{note}</p>"


def versus(period: Period) -> str:
    """Return a table of the trained strategy less each other one, on the same days."""
    names = (own.name for own in period.money[1:])
    rows = [[escape(name), *_versus(other)] for name, other in zip(names, period.versus, strict=True)]
    return table(("other", "return", "Sharpe", "95 %"), rows)


def symbols(period: Period) -> str:
    """Return a table of the trained strategy on each symbol."""
    rows = [
        [
            escape(own.symbol),
            number(own.trades, "count"),
            number(own.win_rate, "percent"),
            number(own.pnl, "money"),
            number(own.fees, "money"),
            number(own.holding, "percent"),
        ]
        for own in period.symbols
    ]
    return table(("symbol", "trades", "win rate", "profit", "fees", "holding"), rows)


def regimes(period: Period) -> str:
    """Return a table of trades by the regime at entry, and of holding in each regime."""
    rows = []
    for market in period.market:
        figures = [number(market.share, "percent"), number(period.walk.bars_in_a_row(market.regime), "ratio")]
        rows.append([escape(market.regime), "holding", *figures, number(market.growth, "percent"), "", "", ""])
        for own in period.regimes:
            if own.regime == market.regime:
                figures = [number(own.trades, "count"), number(own.pnl, "money"), number(own.win_rate, "percent")]
                rows.append(["", escape(own.strategy), "", "", "", *figures])
    headings = ("regime", "strategy", "of the bars", "bars in a row", "market", "trades", "profit", "win rate")
    return table(headings, rows, text_columns=2)


def walk(period: Period) -> str:
    """Return a table of the regimes that followed each regime, bar by bar."""
    names = [escape(name) for name in period.walk.regimes]
    shares = ([number(share, "percent") for share in row] for row in period.walk.transition)
    return table(("from", *names), ([name, *row] for name, row in zip(names, shares, strict=True)))


def forecasts(found: Iterable[Forecast]) -> str:
    """Return a table of the skill of probabilities."""
    rows = []
    for each in found:
        skill = each.skill
        figures = [number(skill.outcomes, "count"), number(skill.effective, "count")]
        figures += [number(skill.accuracy, "percent"), number(skill.base_rate, "percent")]
        figures += [_digits(value) for value in (skill.brier, each.base_brier, skill.log_loss, skill.area)]
        rows.append([escape(each.model), escape(each.symbol or each.regime or "all"), *figures])
    headings = ("model", "where", "outcomes", "effective", "right", "base rate", "Brier", "of the base", "log loss")
    return table((*headings, "AUC"), rows, text_columns=2)


def conduct(found: Conduct) -> str:
    """Return a table of reasons to abstain, regimes, alarms and levels of drift, by share of the bars."""
    groups: tuple[tuple[str, Sequence[Share]], ...] = (
        ("decision", found.abstentions),
        ("regime", found.regimes),
        ("drift alarm", found.alarms),
        ("level of the drift response", found.bars_by_level),
    )
    rows = [
        [escape(kind), escape(_named(kind, each.name)), number(each.count, "count"), number(each.share, "percent")]
        for kind, shares in groups
        for each in shares
    ]
    note = f"<p class=quiet>Steps up the drift response: {found.escalations}, down: {found.de_escalations}.</p>"
    return table(("what", "which", "bars", "share"), rows, text_columns=2) + note


def models(found: Iterable[FinalFigures]) -> str:
    """Return a table of the final models and their promotion."""
    rows = [
        (
            own.name,
            own.sha256[:12],
            "promoted" if own.promoted else "challenger",
            own.reason,
            own.against[:12] or MISSING,
        )
        for own in found
    ]
    return text_table(("model", "SHA-256", "is now", "because", "measured against"), rows)


def memory(found: Iterable[FinalFigures]) -> str:
    """Return a table of the bytes of each model of every final signal model."""
    rows = [
        [
            escape(final.symbol),
            escape(own.name),
            own.kind,
            *(number(value, "count") for value in (own.nodes, own.table_bytes, own.state_bytes)),
        ]
        for final in found
        for own in final.memory
    ]
    note = (
        "<p class=quiet>Tables are what training made: weights or nodes, calibration, weights by regime. State is what "
        "a running signal model keeps for the model: scores of its last 10,000 forecasts, and what it learns.</p>"
    )
    return table(("symbol", "model", "kind", "nodes", "bytes of tables", "bytes of state"), rows, text_columns=3) + note


def importance(found: Sequence[Importance]) -> str:
    """Return a table of the shares of the features in each model's contributions, the largest mean first."""
    if not found:
        return "<p class=quiet>Not measured.</p>"
    names = list(dict.fromkeys(each.model for each in found))
    shares = {(each.feature, each.model): each.share for each in found}
    features = list(dict.fromkeys(each.feature for each in found))
    means = {feature: sum(shares[feature, name] for name in names) / len(names) for feature in features}
    rows = [
        [escape(feature), number(means[feature], "percent"), *(number(shares[feature, n], "percent") for n in names)]
        for feature in sorted(features, key=lambda feature: -means[feature])
    ]
    note = "<p class=quiet>Mean sizes of Shapley values over the latest samples, as shares of each model.</p>"
    return table(("feature", "mean", *names), rows) + note


def model_log(lines: Iterable[ModelLine]) -> str:
    """Return a table of the models that were requested and those that came into use."""
    rows = [(_time(each.ts), each.symbol, each.what, each.reason, each.sha256[:12]) for each in lines]
    return text_table(("when", "symbol", "what", "why", "model"), rows)


def text_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of text."""
    return table(headings, ([escape(cell) for cell in row] for row in rows), text_columns=len(headings))


def _money(own: Money) -> list[str]:
    return [
        number(own.total_return, "percent"),
        number(own.sharpe, "ratio"),
        _band(own.sharpe_band),
        number(own.probability, "ratio"),
        number(own.deflated, "ratio"),
        number(own.max_drawdown, "percent"),
        number(own.exposure, "percent"),
        number(own.trades, "count"),
        number(own.win_rate, "percent"),
        number(own.profit_factor, "ratio"),
        number(own.turnover, "ratio"),
        number(own.fees, "money"),
        number(own.frictions, "money"),
        number(own.funding, "money"),
    ]


def _versus(other: Comparison) -> list[str]:
    return [number(other.excess_return, "percent"), number(other.sharpe_difference, "ratio"), _band(other.band)]


def _band(band: Band | None) -> str:
    return MISSING if band is None else f"{band.low:.2f} … {band.high:.2f}"


def _digits(value: float) -> str:
    return f"{value:.4f}" if value == value else MISSING


def _named(kind: str, name: str) -> str:
    if kind == "decision":
        return "decided" if name == "none" else f"abstained: {name.replace('_', ' ')}"
    return name.replace("_", " ")


def _time(ts: int) -> str:
    return f"{datetime.fromtimestamp(ts // 1_000_000_000, tz=UTC):%Y-%m-%d %H:%M}"
