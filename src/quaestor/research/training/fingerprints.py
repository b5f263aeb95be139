"""What a model was made of, as digests."""

import hashlib
import inspect
from collections.abc import Sequence

from quaestor.domain.market import Bars
from quaestor.features.catalog import parse_feature
from quaestor.kernels.compile import interpreted
from quaestor.kernels.sources import sources_digest


def bars_sha256(bars: Bars) -> str:
    """SHA-256 of time stamps and every row of the market matrix."""
    digest = hashlib.sha256(f"{bars.symbol} {bars.market} {bars.interval_ns}".encode())
    digest.update(bars.ts.tobytes())
    digest.update(bars.columns.tobytes())
    return digest.hexdigest()


def features_sha256(names: Sequence[str]) -> str:
    """SHA-256 of names of features and of the sources that define them."""
    digest = hashlib.sha256()
    for name in names:
        definition = parse_feature(name).feature
        digest.update(f"{name} {sources_digest(inspect.getfile(interpreted(definition.advance)))}\n".encode())
    return digest.hexdigest()
