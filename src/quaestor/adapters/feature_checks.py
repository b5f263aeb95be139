"""Reports of features, remembered beside their machine code until a source they are made of changes."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from quaestor.adapters.stores.atomic import replace_file
from quaestor.errors import ConfigError
from quaestor.features.check import FeatureReport, check_feature, runnable_feature
from quaestor.features.feature import Feature, parse_instance
from quaestor.features.interpreted import author_code
from quaestor.jit.cache import cache_directory
from quaestor.jit.sources import sources_digest


def recall_report(feature: Feature, catalog: Sequence[Feature]) -> FeatureReport | None:
    """The report on a feature when its sources, its parts' and the package's are as they were when it was checked."""
    path = _path(feature, catalog)
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=FeatureReport)
    except msgspec.DecodeError:
        return None


def check_and_remember(feature: Feature, catalog: Sequence[Feature]) -> FeatureReport:
    """The check of a feature, kept for `recall_report`; see `features.check.check_feature`."""
    report = check_feature(feature, catalog)
    replace_file(_path(feature, catalog), lambda path: path.write_bytes(msgspec.json.encode(report)))
    return report


def require_usable(feature: Feature, report: FeatureReport) -> Feature:
    """The feature as it can run.

    Raises:
        ConfigError: when the check found something wrong with it.
    """
    if not report.passed:
        raise ConfigError(
            f"feature {feature.name} failed its check: {report.reason}",
            place=feature.origin,
            remedy=f"'quaestor features check {feature.name}' says more",
        )
    return runnable_feature(feature, report)


def _path(feature: Feature, catalog: Sequence[Feature]) -> Path:
    digest = hashlib.sha256("".join(_digests(feature, catalog)).encode()).hexdigest()[:16]
    return cache_directory() / "checks" / f"{feature.name}-{digest}.json"


def _digests(feature: Feature, catalog: Sequence[Feature]) -> Iterator[str]:
    """Of the sources that a user's feature and its parts are made of; the package's own name the cache."""
    if feature.origin:
        files = {feature.origin, author_code(feature).co_filename}
        yield from (sources_digest(file) for file in sorted(files) if Path(file).is_file())
    for name in feature.parts(*feature.instance().values):
        yield from _digests(parse_instance(name, catalog).feature, catalog)
