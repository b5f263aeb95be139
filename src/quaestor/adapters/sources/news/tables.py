"""Tables in TOML of a declared shape."""

import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from quaestor.errors import ConfigError

T = TypeVar("T")


def read_toml(path: Path, shape: type[T], what: str) -> T:
    """The content of a file as `shape`, a msgspec structure or a mapping of them.

    Args:
        path: the file.
        shape: what it must hold.
        what: how messages call it, such as "a lexicon".

    Raises:
        ConfigError: the file cannot be read, is no TOML, or is not of that shape; the message says where.
    """
    try:
        with path.open("rb") as file:
            return msgspec.convert(tomllib.load(file), shape)
    except OSError as error:
        raise ConfigError(f"cannot be read as {what}: {error.strerror}", place=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{what} is a TOML file: {error}", place=str(path)) from error
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"not shaped as {what}: {error}", place=str(path), remedy="see the shipped file for the form"
        ) from error
