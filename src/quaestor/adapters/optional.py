"""Optional libraries: imported when they are used, with one error when they are not there."""

from importlib import import_module
from typing import Any

from quaestor.errors import ConfigError


def load_extra(module: str, *, place: str, extra: str = "train") -> Any:
    """Import a module of the optional dependencies ``quaestor[EXTRA]``.

    Args:
        module: such as ``lightgbm``.
        place: what needs it, for the message.
        extra: that brings it.

    Raises:
        ConfigError: it is not installed, or a library that it needs is missing on this machine.
    """
    try:
        return import_module(module)
    except (ImportError, OSError) as error:
        raise ConfigError(
            f"needs {module.partition('.')[0]}, which cannot be imported ({error})",
            place=place,
            remedy=f"install the extra: pip install 'quaestor[{extra}]', or in a clone: pip install -e '.[{extra}]'",
        ) from error
