"""Bit positions: the lowest and the highest set bit of a whole number, one instruction each in kernels."""


def lowest_bit(x: int) -> int:
    """Return the position of the lowest set bit of a positive number; callable in and outside kernels.

    Example:
        >>> lowest_bit(0b101000)
        3
    """
    whole = int(x)
    return (whole & -whole).bit_length() - 1


def highest_bit(x: int) -> int:
    """Return the position of the highest set bit of a positive number; callable in and outside kernels.

    Example:
        >>> highest_bit(0b101000)
        5
    """
    return int(x).bit_length() - 1
