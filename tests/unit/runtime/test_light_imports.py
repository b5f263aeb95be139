"""Imports of the live path: no library that only training needs is loaded."""

import pkgutil
import subprocess
import sys

import pytest

import quaestor.runtime

# scipy is not among them: numba looks at its version
HEAVY = ("mlflow", "sqlalchemy", "shap", "sklearn", "xgboost", "lightgbm", "torch", "arch", "hmmlearn", "river")
RUNTIME = tuple(f"quaestor.runtime.{module.name}" for module in pkgutil.walk_packages(quaestor.runtime.__path__))


@pytest.mark.parametrize(
    "modules",
    [
        ("quaestor.cli.app", "quaestor.cli.run.paper", "quaestor.cli.run.backtest", "quaestor.cli.models.group"),
        (*RUNTIME, "quaestor.adapters.model_stores.deployed", "quaestor.adapters.model_stores.directory"),
    ],
)
def test_importing_the_live_path_loads_nothing_heavy(modules: tuple[str, ...]) -> None:
    loaded = f"print(*(name for name in {HEAVY} if name in sys.modules))"
    code = f"import sys\nimport {', '.join(modules)}\n{loaded}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
