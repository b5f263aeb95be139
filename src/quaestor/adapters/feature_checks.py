"""Reports of features, remembered beside their machine code until a source they are made of changes."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from quaestor.adapters.stores.atomic import replace_file
from quaestor.errors import ConfigError
from quaestor.features.check import FeatureReport, check_feature, usable
from quaestor.features.feature import Feature
from quaestor.features.interpreted import author_code
from quaestor.kernels.compile import cache_directory
from quaestor.kernels.sources import sources_digest


def recall_report(feature: Feature) -> FeatureReport | None:
    """The report on a feature whose sources, and the package's, are as they were when it was checked."""
    path = _path(feature)
    if not path.is_file():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=FeatureReport)
    except msgspec.DecodeError:
        return None


def check_and_remember(feature: Feature, catalog: Sequence[Feature]) -> FeatureReport:
    """The check of a feature, kept for `recall_report`; see `features.check.check_feature`."""
    report = check_feature(feature, catalog)
    replace_file(_path(feature), lambda path: path.write_bytes(msgspec.json.encode(report)))
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
    return usable(feature, report)


def _path(feature: Feature) -> Path:
    sources = {feature.origin, author_code(feature).co_filename}
    text = "".join(sources_digest(file) for file in sorted(sources) if Path(file).is_file())
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return cache_directory() / "checks" / f"{feature.name}-{digest}.json"
