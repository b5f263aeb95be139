"""``python -m benchmarks [NAME …]``: measure everything, or what is named, and print one JSON object."""

import argparse
import json
import sys
from collections.abc import Callable

from benchmarks.indicators import measure_indicators
from benchmarks.measure import Figures, machine
from benchmarks.memory import measure_memory
from benchmarks.models import measure_models
from benchmarks.risk import measure_risk
from benchmarks.signal_model import measure_signal_model
from benchmarks.speed import measure_speed
from benchmarks.startup import measure_startup
from benchmarks.text import measure_text
from benchmarks.vectorbt_side import measure_vectorbt

BENCHMARKS: dict[str, Callable[[], Figures]] = {
    "speed": measure_speed,
    "memory": measure_memory,
    "risk": measure_risk,
    "startup": measure_startup,
    "vectorbt": measure_vectorbt,
    "text": measure_text,
    "indicators": measure_indicators,
    "models": measure_models,
    "signal_model": measure_signal_model,
}


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all when left out")
    names = parser.parse_args().names or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark called {', '.join(unknown)}: there are {', '.join(BENCHMARKS)}")
    report: Figures = {"machine": machine()}
    for name in names:
        print(f"measuring {name}", file=sys.stderr)
        report[name] = BENCHMARKS[name]()
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
