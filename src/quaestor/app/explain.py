"""Explanation use case: one decision of a journal, from its inputs to its fills."""

from dataclasses import dataclass
from pathlib import Path

from quaestor.adapters.optional import load_extra
from quaestor.errors import JournalError
from quaestor.explain.decision_context import decision_context
from quaestor.explain.explain import explain
from quaestor.explain.explanation import Explanation
from quaestor.explain.explanation_text import explanation_text
from quaestor.explain.journaled_decision import open_decision
from quaestor.explain.lime_explanation import LimeExplanation, lime_explanation
from quaestor.ports.progress import NO_PROGRESS, Progress


@dataclass(frozen=True, slots=True)
class DecisionReport:
    """An explanation as figures and as text; `lime` is None unless it was requested."""

    explanation: Explanation
    text: str
    lime: LimeExplanation | None


def explain_decision(
    journal: Path,
    identifier: str,
    *,
    data: Path | None = None,
    lime: bool = False,
    png: Path | None = None,
    progress: Progress = NO_PROGRESS,
) -> DecisionReport:
    """Explain one decision of a journal, and draw it where a file is named.

    Args:
        journal: directory of the journal.
        identifier: a decision's number, ``trade:K``, ``order:ID`` or an ISO time.
        data: the data file, if it was moved since.
        lime: whether to fit local linear models (LIME) to the trained models around the decision.
        png: chart to write.
        progress: receives the stages.

    Raises:
        UsageError: an extra is missing, no such decision, a damaged journal, no model to fit lines to, or a file that
            cannot be written.
    """
    if png is not None:
        load_extra("matplotlib.figure", place="--png", extra="report")
    progress.describe("reading the journal")
    decision = open_decision(journal, identifier, data)
    progress.describe("explaining")
    explanation = explain(decision)
    lines = lime_explanation(decision) if lime else None
    if png is not None:
        from quaestor.explain.decision_chart import write_chart

        write_chart(explanation, decision_context(decision), png)
    return DecisionReport(explanation, explanation_text(explanation), lines)


def newest_journal(root: Path) -> Path:
    """Return the journal directory that was written to last, at most four levels below `root`.

    Raises:
        JournalError: there is none.
    """
    found = [
        path for depth in range(5) for path in root.glob("/".join(["*"] * depth + ["segment-*.qj"])) if path.is_file()
    ]
    if not found:
        raise JournalError("no journal here", place=str(root.resolve()), remedy="give --journal DIR")
    return max(found, key=lambda path: path.stat().st_mtime_ns).parent
