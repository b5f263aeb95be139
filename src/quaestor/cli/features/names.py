"""Feature names of a command line: lists, named sets and files of a selection."""

from pathlib import Path

from quaestor.cli.features.select import names_in_file
from quaestor.errors import ConfigError
from quaestor.features.sets import FEATURE_SETS

_TAKEN = ("ts", "symbol")


def requested_names(text: str, place: str = "--features") -> list[str]:
    """Return the names of a comma-separated list, of a named set, or of the file behind an @, in order.

    Raises:
        ConfigError: when there is none, one comes twice, or the file is no selection.

    Example:
        >>> requested_names("rsi_14, ema_20"), requested_names("small")[:2]
        (['rsi_14', 'ema_20'], ['mom_10', 'volume_change_1'])
    """
    names = [name for part in text.split(",") for name in _expanded(part.strip())]
    if not names:
        raise ConfigError("no feature named", place=place, remedy="give names such as rsi_14,ema_20")
    repeated = sorted({name for name in names if names.count(name) > 1 or name in _TAKEN})
    if repeated:
        raise ConfigError(f"{', '.join(repeated)} named twice", place=place, remedy="name each feature once")
    return names


def _expanded(part: str) -> list[str]:
    if part.startswith("@"):
        return [name.strip() for name in names_in_file(Path(part[1:])) if name.strip()]
    return list(FEATURE_SETS.get(part, (part,) if part else ()))
