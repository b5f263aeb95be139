"""Configuration layers: settings of a file, .env, the environment and options, each with the place it came from."""

import tomllib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import yaml
from dotenv import dotenv_values

from quaestor.runtime.config.problems import Problem, suggest

Key = tuple[str, ...]

PREFIX = "QUAESTOR_"
#: Variables with the prefix that are no settings: other parts of the program read them.
NO_SETTINGS = frozenset(
    {"QUAESTOR_CACHE_DIR", "QUAESTOR_FEATURES", "QUAESTOR_INTERPRET", "QUAESTOR_MODELS", "QUAESTOR_SHARED"}
)
#: Free-form tables: their keys are names in a catalog, not fields of the model.
FREE_TABLES: tuple[Key, ...] = (("strategy", "settings"), ("risk", "overrides"), ("sizing", "settings"))
#: Names that trading bots use, and the setting of each. Their values are percentages or counts, as here.
ALIASES: dict[str, Key] = {
    "MAX_POSITION_SIZE": ("risk", "overrides", "position_pct"),
    "STOP_LOSS_PCT": ("risk", "overrides", "stop_loss_pct"),
    "TAKE_PROFIT_PCT": ("risk", "overrides", "take_profit_pct"),
    "MAX_OPEN_TRADES": ("risk", "overrides", "open_trades_max"),
}


@dataclass(slots=True)
class Layer:
    """Settings of one source: values by key, and the place of each."""

    values: dict[Key, object] = field(default_factory=dict)
    places: dict[Key, str] = field(default_factory=dict)

    def put(self, key: Key, value: object, place: str) -> None:
        """Set one value and its place."""
        self.values[key] = value
        self.places[key] = place

    def overlay(self, other: "Layer") -> None:
        """Put another layer's values over these; another strategy name drops the parameters of the one before."""
        name: Key = ("strategy", "name")
        if name in other.values and name in self.values and other.values[name] != self.values[name]:
            for key in [key for key in self.values if key[:2] == FREE_TABLES[0]]:
                del self.values[key], self.places[key]
        self.values.update(other.values)
        self.places.update(other.places)


class _StrictLoader(yaml.SafeLoader):
    """Loader that refuses a key given twice, of which YAML would silently take the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        """Return one table, after checking its keys."""
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=deep)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"'{key}' is given twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_file(path: Path, profile: str | None, problems: list[Problem]) -> Layer:
    """Return the settings of a YAML or TOML file, with a profile of its `profiles` table over the rest."""
    layer = Layer()
    document = _parse(path, problems)
    if document is None:
        return layer
    profiles = document.pop("profiles", {})
    flatten(document, path.name, layer, problems)
    if not isinstance(profiles, Mapping):
        problems.append(Problem(f"{path.name}: profiles", "is no table", "give a table of settings for each profile"))
        return layer
    if profile is not None:
        if profile in profiles:
            chosen = Layer()
            flatten(profiles[profile], f"{path.name}: profiles.{profile}", chosen, problems)
            layer.overlay(chosen)
        else:
            known = [str(name) for name in profiles]
            remedy = suggest(profile, known) if known else "the file has no profiles"
            problems.append(Problem("--profile", f"unknown profile '{profile}' in {path.name}", remedy))
    return layer


def read_dotenv(path: Path, known: set[str], problems: list[Problem]) -> Layer:
    """Return the settings of a .env file; variables of other programs are left out."""
    if not path.is_file():
        return Layer()
    return read_variables(dotenv_values(path, interpolate=False), path.name, known, problems)


def read_variables(variables: Mapping[str, str | None], source: str, known: set[str], problems: list[Problem]) -> Layer:
    """Return the settings among variables: ``QUAESTOR_SECTION__KEY`` and the aliases.

    Args:
        variables: by name.
        source: of the variables, for the places of settings and problems.
        known: names of variables that are settings.
        problems: receives a name with the prefix that is close to a setting and, in a file, one close to an alias.
    """
    layer = Layer()
    for name, value in sorted(variables.items()):
        place = f"{source} {name}"
        if name in NO_SETTINGS:
            continue
        if name in ALIASES:
            layer.put(ALIASES[name], value, place)
        elif name.upper().startswith(PREFIX):
            rest = name[len(PREFIX) :].lower()
            key = tuple(rest.split("__"))
            if name.upper() in known or "__" in rest:
                layer.put(key, value, place)
            elif near := get_close_matches(name.upper(), known, n=1, cutoff=0.85):
                problems.append(Problem(place, "unknown setting", f"did you mean {near[0]}?"))
        elif source != "environment" and (near := get_close_matches(name, ALIASES, n=1, cutoff=0.85)):
            problems.append(Problem(place, "unknown setting", f"did you mean {near[0]}?"))
    return layer


def read_assignments(pairs: list[str] | tuple[str, ...], table: Key, option: str, problems: list[Problem]) -> Layer:
    """Return the settings of repeated ``NAME=VALUE`` options."""
    layer = Layer()
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip() or not value.strip():
            problems.append(Problem(f"{option} {pair}", "is no assignment", f"write {option} NAME=VALUE"))
            continue
        key = (*table, name.strip())
        if key in layer.values and layer.values[key] != value.strip():
            problems.append(Problem(f"{option} {pair}", f"'{name.strip()}' is given twice", "give it once"))
        layer.put(key, value.strip(), f"{option} {name.strip()}")
    return layer


def flatten(table: object, place: str, layer: Layer, problems: list[Problem], prefix: Key = ()) -> None:
    """Add the leaves of nested tables to a layer."""
    if not isinstance(table, Mapping):
        problems.append(Problem(place, "is no table of settings"))
        return
    for name, value in table.items():
        key = (*prefix, str(name))
        dotted = f"{place}{'.' if prefix or 'profiles.' in place else ': '}{name}"
        is_section = len(key) == 1 or key in FREE_TABLES
        if isinstance(value, Mapping) and is_section:
            flatten(value, dotted, layer, problems, key)
        else:
            layer.put(key, value, dotted)


def _parse(path: Path, problems: list[Problem]) -> dict[str, object] | None:
    """Return the document of a file; None, with a problem added, where it cannot be read."""
    readers = "a .yaml, .yml or .toml file"
    document: object = None
    try:
        if path.suffix in (".yaml", ".yml"):
            # the loader is a SafeLoader: plain values only
            document = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)
        elif path.suffix == ".toml":
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        else:
            problems.append(
                Problem(f"--config {path}", f"'{path.suffix}' is no configuration format", f"give {readers}")
            )
            return None
    except OSError as error:
        problems.append(Problem(f"--config {path}", f"cannot be read: {error.strerror}", f"give {readers}"))
        return None
    except UnicodeDecodeError:
        problems.append(Problem(f"--config {path}", "is no UTF-8 text", f"give {readers}"))
        return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark is not None else ""
        problems.append(Problem(f"{path.name}{line}", f"is no YAML: {getattr(error, 'problem', None) or error}"))
        return None
    except tomllib.TOMLDecodeError as error:
        problems.append(Problem(path.name, f"is no TOML: {error}"))
        return None
    if document is None:
        return {}
    if not isinstance(document, dict):
        problems.append(Problem(path.name, "is no table of settings", "write sections such as 'account:'"))
        return None
    return {str(name): value for name, value in document.items()}
