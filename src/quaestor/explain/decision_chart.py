"""Decision chart: price around a decision, votes, contributions, and edge against costs, as a PNG file."""

from datetime import UTC, datetime
from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np

from quaestor.adapters.optional import load_extra
from quaestor.adapters.stores.atomic import replace_file
from quaestor.domain.wording import counted
from quaestor.explain.decision_context import DecisionContext
from quaestor.explain.explanation import Explanation
from quaestor.explain.opinion import TrainedOpinion
from quaestor.explain.reason_text import basis_points, reason_of
from quaestor.explain.votes import Part

_INK, _MUTED, _LINE, _ACCENT, _UP, _DOWN = "#1d1f24", "#757a85", "#e4e2dc", "#2f5d9b", "#1f8a5b", "#c2412d"
#: Contributions that are drawn, and the least that is (a hundredth of a point); the rest is one bar.
_DRAWN, _DRAWN_MIN = 9, 1e-4
_DPI = 144
#: Characters of a line of the text on top.
_LINE_WIDTH = 150


def write_chart(explanation: Explanation, context: DecisionContext, path: Path) -> None:
    """Draw a decision into a PNG file.

    Raises:
        OutputError: it cannot be written.
    """
    figure = draw(explanation, context)
    replace_file(
        path,
        lambda temporary: figure.savefig(temporary, format="png", dpi=_DPI),
        remedy="choose another file with --png",
    )


def draw(explanation: Explanation, context: DecisionContext) -> Any:
    """Return the chart; the price alone where the signal model was not trained."""
    opinion = explanation.opinion
    if opinion is None or opinion.score is None:
        figure = _library("figure").Figure(figsize=(12.0, 5.4), layout="constrained", facecolor="white")
        _price(figure.subplots(), explanation, context)
    else:
        rows = max(len(opinion.votes) + 1, min(len(opinion.parts), _DRAWN + 1) + 2 if opinion.parts else 0)
        heights = [3.4, 0.34 * rows + 0.9, 1.35]
        figure = _library("figure").Figure(figsize=(12.0, sum(heights) + 1.0), layout="constrained", facecolor="white")
        grid = figure.add_gridspec(3, 2, height_ratios=heights, width_ratios=[1.0, 1.25])
        _price(figure.add_subplot(grid[0, :]), explanation, context)
        _votes(figure.add_subplot(grid[1, 0]), opinion)
        _parts(figure.add_subplot(grid[1, 1]), opinion)
        _edge(figure.add_subplot(grid[2, :]), opinion)
    figure.suptitle(_headline(explanation), x=0.01, ha="left", fontsize=10.5, color=_INK, linespacing=1.5)
    return figure


def _library(module: str) -> Any:
    """Return a module of matplotlib."""
    return load_extra(f"matplotlib.{module}", place="--png", extra="report")


def _headline(explanation: Explanation) -> str:
    when = datetime.fromtimestamp(explanation.ts // 1_000_000_000, tz=UTC).strftime("%Y-%m-%d %H:%M UTC")
    lines = [f"{explanation.symbol} at {when}, decision {explanation.decision}: {_outcome(explanation)}"]
    if explanation.verdict == "none":
        officer = f"{explanation.position:,.6g} {explanation.base} held, no change of position targeted"
    else:
        officer = f"{explanation.position:,.6g} → {explanation.target:,.6g} {explanation.base} targeted"
        officer += f", {explanation.approved_target:,.6g} approved"
        officer += f" ({explanation.verdict} by the rule {explanation.rule})" if explanation.rule else ""
    result = "" if explanation.result is None else f"; the trade made {explanation.result:+,.2f} {explanation.quote}"
    lines.append(f"{explanation.regime.replace('_', ' ')} regime; {officer}{result}")
    return "\n".join(line for text in lines for line in wrap(text, _LINE_WIDTH))


def _outcome(explanation: Explanation) -> str:
    opinion, signal = explanation.opinion, explanation.signal
    side = "no opinion" if signal is None else "flat" if signal == 0.0 else "long" if signal > 0.0 else "short"
    if opinion is None:
        return f"{explanation.strategy}: {side}"
    why_not = reason_of(opinion, explanation.confidence)
    if not why_not:
        return f"goes {side}, edge {basis_points(opinion.edge)} against costs of {basis_points(opinion.cost)}"
    return f"abstains{f' and stays {side}' if signal else ''}: {why_not}"


def _plain_axes(axes: Any, title: str, *, grid: str) -> None:
    axes.set_title(title, loc="left", fontsize=10, color=_INK, fontweight="bold")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(_LINE)
    axes.tick_params(colors=_MUTED, labelsize=8.5, length=0)
    axes.grid(visible=True, axis=grid, color=_LINE, linewidth=0.7)
    axes.set_axisbelow(True)


def _price(axes: Any, explanation: Explanation, context: DecisionContext) -> None:
    """Draw candles, a line at the decision, and a mark at every fill."""
    _plain_axes(axes, f"Price of {explanation.symbol} in {explanation.quote}", grid="y")
    dates = _library("dates")
    days = dates.date2num(context.ts.astype("datetime64[ns]"))
    first, high, low, last = context.columns
    colours = np.where(last >= first, _UP, _DOWN)
    width = max(1.2, 480.0 / len(days))
    axes.vlines(days, low, high, colors=colours, linewidth=0.8, alpha=0.8)
    axes.vlines(days, np.minimum(first, last), np.maximum(first, last), colors=colours, linewidth=min(width, 6.0))
    decided = dates.date2num(np.datetime64(explanation.ts, "ns"))
    axes.axvline(decided, color=_ACCENT, linewidth=1.2, linestyle=(0, (4, 3)))
    axes.annotate(
        "decision", (decided, 1.0), xycoords=("data", "axes fraction"), xytext=(4, -4), textcoords="offset points",
        va="top", fontsize=8.5, color=_ACCENT,
    )  # fmt: skip
    for fill in context.fills:
        bought = fill.side == "buy"
        at = dates.date2num(np.datetime64(fill.ts, "ns"))
        face = _ACCENT if fill.is_entry else "white"
        axes.plot(at, fill.price, "^" if bought else "v", ms=9, color=_ACCENT, mfc=face, mew=1.4, zorder=5)
        axes.annotate(
            f"{fill.side} {fill.price:,.6g}, {fill.purpose.replace('_', ' ')}", (at, fill.price),
            xytext=(0, -42 if bought else 36), textcoords="offset points", ha="center", fontsize=8, color=_INK,
            arrowprops={"arrowstyle": "-", "color": _MUTED, "linewidth": 0.7, "shrinkB": 6.0}, zorder=6,
            bbox={"facecolor": "white", "edgecolor": _LINE, "boxstyle": "round,pad=0.25"},
        )  # fmt: skip
    locator = dates.AutoDateLocator()
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator, show_offset=False))
    axes.margins(x=0.01, y=0.12)


def _votes(axes: Any, opinion: TrainedOpinion) -> None:
    """Draw how far each model pulls the pool from ½: its probability less ½, times its weight."""
    _plain_axes(axes, "Votes: probability of a rise × weight", grid="x")
    votes = [vote for vote in opinion.votes if vote.probability is not None]
    pulls = [100.0 * vote.weight * ((vote.probability or 0.5) - 0.5) for vote in votes]
    names = [vote.model for vote in votes]
    labels = [f"{vote.probability:.1%} × {vote.weight:.2f}" for vote in votes]
    pulls.append(100.0 * ((opinion.score or 0.5) - 0.5))
    _bars(axes, [*names, "together"], pulls, [*labels, f"{opinion.score:.1%}"])
    axes.axvline(0.0, color=_MUTED, linewidth=0.8)
    axes.set_xlabel("points away from 50 %", fontsize=8.5, color=_MUTED)


def _bars(
    axes: Any, names: list[str], sizes: list[float], labels: list[str], starts: list[float] | None = None
) -> None:
    """Draw horizontal bars from the top down, each with its label on its right; the last one is their total."""
    begins = [0.0] * len(sizes) if starts is None else starts
    colours = [_UP if size >= 0.0 else _DOWN for size in sizes[:-1]] + [_ACCENT]
    rows = np.arange(len(names))
    axes.barh(rows, sizes, left=begins, color=colours, height=0.62)
    axes.set_yticks(rows, names)
    axes.invert_yaxis()
    ends = np.add(begins, sizes)
    low, high = min(0.0 if starts is None else min(begins), *ends), max(0.0 if starts is None else max(begins), *ends)
    span = (high - low) or 1.0
    axes.set_xlim(low - 0.05 * span, high + 0.30 * span)
    for row, begin, end, text in zip(rows, begins, ends, labels, strict=True):
        axes.annotate(
            text, (max(begin, end), row), xytext=(4, 0), textcoords="offset points",
            va="center", fontsize=8, color=_INK,
        )  # fmt: skip
    for label in axes.get_yticklabels():
        label.set_color(_INK)


def _parts(axes: Any, opinion: TrainedOpinion) -> None:
    """Draw a waterfall from base to pooled probability."""
    if opinion.base is None or opinion.score is None:
        axes.set_axis_off()
        text = "\n".join(wrap(f"No contributions of features: {opinion.unexplained}", 60))
        axes.text(0.0, 0.5, text, transform=axes.transAxes, fontsize=9, color=_MUTED, va="center")
        return
    _plain_axes(axes, "Contributions to the probability, in points", grid="x")
    large = [part for part in opinion.parts if abs(part.contribution) >= _DRAWN_MIN]
    shown, rest = large[:_DRAWN], [*large[_DRAWN:], *(part for part in opinion.parts if part not in large)]
    steps = [100.0 * part.contribution for part in shown]
    names = [_name(part) for part in shown]
    if rest:
        steps.append(100.0 * sum(part.contribution for part in rest))
        names.append(counted(len(rest), "other"))
    base = 100.0 * opinion.base
    starts = (base + np.concatenate(([0.0], np.cumsum(steps)[:-1]))).tolist() if steps else []
    labels = [f"{step:+.2f}" for step in steps]
    _bars(
        axes,
        [*names, "together"],
        [*steps, 100.0 * opinion.score - base],
        [*labels, f"{opinion.score:.1%}"],
        [*starts, base],
    )
    axes.axvline(base, color=_MUTED, linewidth=0.8)
    axes.set_xlabel(f"probability of a rise in %; the line: base, no feature known, {base:.1f} %")
    axes.xaxis.label.set(fontsize=8.5, color=_MUTED)


def _name(part: Part) -> str:
    return part.name if part.value is None else f"{part.name} = {part.value:,.4g}"


def _edge(axes: Any, opinion: TrainedOpinion) -> None:
    """Draw the edge with its standard error, and what it must exceed."""
    edge, error, cost = (1e4 * (value or 0.0) for value in (opinion.edge, opinion.edge_error, opinion.cost))
    required = f"the line: what the edge must exceed, {opinion.bar.margin:g} × costs"
    required += f" + {opinion.bar.sigmas:g} × the error" if opinion.bar.sigmas else ""
    _plain_axes(axes, f"Edge against costs, in basis points of the position ({required})", grid="x")
    wins = opinion.edge is not None and opinion.bar.required is not None and opinion.edge > opinion.bar.required
    axes.barh([0, 1], [edge, cost], color=[_UP if wins else _DOWN, _MUTED], height=0.55)
    axes.errorbar([edge], [0], xerr=[error], color=_INK, capsize=4, linewidth=1.2)
    axes.set_yticks([0, 1], [f"edge of going {opinion.favours}", "costs"])
    axes.invert_yaxis()
    for label in axes.get_yticklabels():
        label.set_color(_INK)
    reach = max(edge + error, cost)
    axes.set_xlim(min(0.0, edge - error) - 0.02 * reach, 1.22 * reach)
    axes.annotate(f"{edge:.1f} ± {error:.1f} bp", (edge + error, 0), xytext=(8, 0), textcoords="offset points",
                  va="center", fontsize=8.5, color=_INK)  # fmt: skip
    axes.annotate(f"{cost:.1f} bp", (cost, 1), xytext=(6, 0), textcoords="offset points", va="center", fontsize=8.5,
                  color=_INK)  # fmt: skip
    if opinion.bar.required is not None:
        axes.axvline(1e4 * opinion.bar.required, color=_INK, linewidth=1.0, linestyle=(0, (2, 2)))
