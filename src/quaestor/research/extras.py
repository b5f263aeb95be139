"""Libraries that only training needs: imported when they are used, with one clear error when they are not there."""

from importlib import import_module
from typing import Any

from quaestor.errors import ConfigError


def load_extra(module: str, *, place: str) -> Any:
    """A module of the optional dependencies ``quaestor[train]``.

    Args:
        module: such as ``lightgbm``.
        place: what needs it, for the message.

    Raises:
        ConfigError: it is not installed, or a library that it needs is missing on this machine.
    """
    try:
        return import_module(module)
    except (ImportError, OSError) as error:
        raise ConfigError(
            f"needs {module.partition('.')[0]}, which cannot be imported ({error})",
            place=place,
            remedy="install the extra with: pip install 'quaestor[train]'",
        ) from error
