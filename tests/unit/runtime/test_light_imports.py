"""What a command does not use it does not load: starting costs memory and time in every process."""

import pkgutil
import subprocess
import sys

import pytest

import quaestor.runtime
from quaestor.cli.lazy import COMMANDS

# scipy is not among them: numba looks at its version
TRAINING = ("mlflow", "sqlalchemy", "shap", "sklearn", "xgboost", "lightgbm", "torch", "arch", "hmmlearn", "river")
COMPILER, TABLES, SETTINGS, CHARTS = ("numba", "llvmlite"), ("polars",), ("pydantic",), ("plotly", "matplotlib")
#: What the module of a command may load besides the libraries of the command line; all of it where it is not listed.
LIGHT: dict[str, tuple[str, ...]] = {
    "data": TABLES,
    "doctor": (),
    "features": TABLES,
    "kill": (),
    "models": (),
    "news": TABLES,
}
RUNTIME = tuple(module.name for module in pkgutil.walk_packages(quaestor.runtime.__path__, "quaestor.runtime."))


def loaded(program: str, libraries: tuple[str, ...]) -> list[str]:
    """Which of the libraries a process has loaded at the end of a program."""
    code = f"import sys\n{program}\nprint(*(name for name in {libraries} if name in sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stderr.split()


@pytest.mark.parametrize(
    "modules",
    [
        ("quaestor.cli.app", "quaestor.cli.run.paper", "quaestor.cli.run.backtest", "quaestor.cli.models.group"),
        (*RUNTIME, "quaestor.adapters.model_stores.deployed", "quaestor.adapters.model_stores.directory"),
    ],
)
def test_importing_the_live_path_loads_no_training_library(modules: tuple[str, ...]) -> None:
    assert loaded(f"import {', '.join(modules)}", TRAINING) == []


@pytest.mark.parametrize("name", [entry.name for entry in COMMANDS])
def test_a_command_loads_what_it_uses_only(name: str) -> None:
    """No command loads the compiler or a chart library before it has something to compile or to draw."""
    module = next(entry.module for entry in COMMANDS if entry.name == name)
    every = (*TRAINING, *COMPILER, *TABLES, *SETTINGS, *CHARTS)
    allowed = LIGHT.get(name, (*TABLES, *SETTINGS))
    assert set(loaded(f"import quaestor.cli.{module}", every)) <= set(allowed)


def test_help_of_a_command_starts_no_compiler() -> None:
    assert loaded("from quaestor.cli.app import run; run(['backtest', '--help'])", COMPILER) == []
