"""`quaestor news`: score headlines, and measure the agreement of the scores with labels."""

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from quaestor.adapters.sources.files.source_file import open_source
from quaestor.adapters.sources.news.choice import choose_scorer
from quaestor.adapters.sources.news.clauses import score_mentions
from quaestor.adapters.sources.news.headlines import read_titles
from quaestor.adapters.sources.news.labels import LABELS, Agreement, agreement, load_labelled
from quaestor.adapters.sources.news.scorer import labels_of
from quaestor.adapters.stores.frames import replace_frame
from quaestor.cli.output import console, format_percent, make_table, print_json
from quaestor.domain.wording import counted
from quaestor.errors import OutputError

news_app = typer.Typer(no_args_is_help=True, help="Score headlines.")


@news_app.callback()
def news() -> None:
    """Score headlines."""


@news_app.command("score")
def score_(
    data: Annotated[Path, typer.Option("--data", help="Headlines: Parquet, CSV or Feather with a title column.")],
    labels: Annotated[
        str | None,
        typer.Option("--labels", help="Column of labels to compare with: a label, or a JSON of name: label."),
    ] = None,
    test_half: Annotated[
        bool, typer.Option("--test-half", help="Compare on the half that the lexicon was not made with.")
    ] = False,
    lexicon: Annotated[Path | None, typer.Option("--lexicon", help="Further terms, a TOML file.")] = None,
    model: Annotated[Path | None, typer.Option("--model", help="Folder of a transformer, not the lexicon.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write titles and scores to a Parquet file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Score every headline from −1 to 1 and count the opinions; with labels, print how often they agree."""
    if out is not None and out.suffix != ".parquet":
        raise OutputError(f"'{out.suffix}' is no format for scores", place=str(out), remedy="use .parquet")
    scorer = choose_scorer(lexicon, model)
    source = open_source(data)
    titles = [title for title in read_titles(source) if title]
    scores = scorer.score(titles)
    counts = dict(zip(LABELS, ((labels_of(scores) == k).sum() for k in (-1, 0, 1)), strict=True))
    summary: dict[str, object] = {"headlines": len(titles), **counts}
    if labels is not None:
        labelled = load_labelled(source, labels)
        if test_half:
            labelled = labelled.half(test=True)
        found = agreement(labelled.labels, labels_of(score_mentions(scorer, labelled.titles, labelled.places)))
        summary |= describe_agreement(found)
    if out is not None:
        replace_frame(out, pl.DataFrame({"title": titles, "score": scores}))
        summary |= {"out": out}
    if json:
        print_json(summary)
        return
    console.print(", ".join(f"{value:,} {name}" for name, value in {"headlines": len(titles), **counts}.items()))
    if labels is not None:
        _print_agreement(found)


def describe_agreement(found: Agreement) -> dict[str, object]:
    """Return the figures of an agreement by name."""
    return {
        "labels": found.n,
        "accuracy": found.accuracy,
        "macro_f1": found.macro_f1,
        "f1": dict(zip(LABELS, found.f1, strict=True)),
        "confusion": found.confusion,
    }


def _print_agreement(found: Agreement) -> None:
    console.print(
        f"{counted(found.n, 'label')}: accuracy {format_percent(found.accuracy)}, macro F1 {found.macro_f1:.3f}"
    )
    table = make_table("labels by row, scores by column", "", *LABELS, "F1", right={*LABELS, "F1"})
    for name, row, f1 in zip(LABELS, found.confusion, found.f1, strict=True):
        table.add_row(name, *(f"{count:,}" for count in row), f"{f1:.3f}")
    console.print(table)
