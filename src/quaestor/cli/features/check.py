"""`quaestor features check`: check that features compile, do not look ahead, and give the same bits in every way of
running."""

from functools import partial
from typing import Annotated

import typer

from quaestor.adapters.feature_checks import check_and_remember
from quaestor.cli.features.options import AsJson
from quaestor.cli.features.user_catalog import BUILT_IN, FeaturePath, load_catalog
from quaestor.cli.output import console, print_json, progress
from quaestor.errors import ConfigError
from quaestor.features.check import FeatureReport, Verdict
from quaestor.features.feature import Feature, parse_instance


def check(
    names: Annotated[list[str] | None, typer.Argument(help="Such as my_feature or rsi; all your own if none.")] = None,
    feature_path: FeaturePath = None,
    json: AsJson = False,
) -> None:
    """Try features on random and extreme markets; exit code 1 when one must not be used."""
    catalog = load_catalog(feature_path)
    chosen = _choose(names or [], catalog)
    reports: list[FeatureReport] = []
    with progress("checking", len(chosen), silent=json) as bar:
        for feature in chosen:
            bar.describe(feature.name)
            reports.append(check_and_remember(feature, catalog))
            bar.advance()
    if json:
        print_json([describe_report(report) for report in reports])
    else:
        for report in reports:
            _print_report(report)
    if not all(report.passed for report in reports):
        raise typer.Exit(1)


def _choose(names: list[str], catalog: tuple[Feature, ...]) -> list[Feature]:
    if names:
        return list(dict.fromkeys(parse_instance(name, catalog).feature for name in names))
    own = [feature for feature in catalog if feature.origin]
    if not own:
        raise ConfigError("no features of your own", place="features check", remedy="give --feature-path, or names")
    return own


def describe_report(report: FeatureReport) -> dict[str, object]:
    """Return a report as `--json` prints it."""
    return {
        "name": report.feature,
        "origin": report.origin or BUILT_IN,
        "passed": report.passed,
        "runs": "compiled" if report.compiled else "interpreted",
        "findings": report.findings,
    }


def _print_report(report: FeatureReport) -> None:
    verdict = "may be used" if report.passed else "must not be used"
    runs = "compiled" if report.compiled else "interpreted"
    show_line = partial(console.print, markup=False, soft_wrap=True)
    show_line(f"{report.feature} · {report.origin or BUILT_IN} · {runs} · {verdict}")
    passed = [finding.name for finding in report.findings if finding.verdict is Verdict.PASSED]
    for finding in report.findings:
        if finding.verdict is not Verdict.PASSED:
            show_line(f"  {finding.verdict:<7} {finding.name}: {finding.detail}")
    show_line(f"  passed  {', '.join(passed)}")
