"""Machine code that many tests call, compiled before they start: no two workers then compile the same.

``python -m tests.compile_kernels [WORKERS]`` runs short journeys through the program in as many processes, each journey
in one of them. A generation of the kernel cache that was filled so is left alone.
"""

import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests import learned
from tests.command_line import json_of
from tests.made_markets import make_perpetuals
from tests.slices import spot_hours

from quaestor.app.run import backtest
from quaestor.jit.cache import INTERPRETED, cache_directory


def run_modes() -> None:
    """Compile quality, resampling, the trading loop, the gate and the simulated venue."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = (*spot_hours(folder, "2023-03-01", "2023-03-20"), "--json")
        json_of("backtest", *data, "--timeframe", "2h", "--journal", folder / "b")
        json_of("paper", *data, "--speed", "max", "--journal", folder / "p", "--execution", "passive")
        json_of("replay", folder / "p", "--json")
        symbols = ("--symbol", "BTCUSDT,ETHUSDT", "--json")
        json_of("backtest", *make_perpetuals(folder, "2024-01-08", "2024-01-10").options, *symbols)


def train_model() -> None:
    """Compile labels, samples and the stage of trained models, and leave the model that tests share."""
    learned.train_and_keep()


def run_model() -> None:
    """Compile what a run of a trained model needs besides."""
    with tempfile.TemporaryDirectory() as name:
        backtest(learned.run_config(Path(name)))


#: What may go on at the same time, and then what needs both.
STAGES: Sequence[Sequence[Callable[[], None]]] = ((run_modes, train_model), (run_model,))


def main(workers: int) -> None:
    """Fill the cache, unless that was done."""
    done = cache_directory() / "compiled_for_tests"
    if INTERPRETED or done.exists():
        return
    for stage in STAGES:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            for result in [pool.submit(job) for job in stage]:
                result.result()
    done.touch()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
