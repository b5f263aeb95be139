"""Wording of counts: a number and its noun, which is singular for one."""


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun, thousands separated.

    Args:
        count: of what is named.
        one: noun, with its adjectives, for one.
        many: for any other number; `one` and an s by default.

    Example:
        >>> counted(1, "model"), counted(2_000, "bar"), counted(0, "strategy", "strategies")
        ('1 model', '2,000 bars', '0 strategies')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"
