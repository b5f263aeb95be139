"""Fingerprint of training data."""

import hashlib

from quaestor.domain.bars import Bars


def bars_sha256(bars: Bars) -> str:
    """Return the SHA-256 of time stamps and every row of the market matrix."""
    digest = hashlib.sha256(f"{bars.symbol} {bars.market} {bars.interval_ns}".encode())
    digest.update(bars.ts.tobytes())
    digest.update(bars.columns.tobytes())
    return digest.hexdigest()
