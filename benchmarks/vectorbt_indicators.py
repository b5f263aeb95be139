"""vectorbt's own indicators, in a process of its own that measures what it is asked to, so that rounds interleave."""

import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

import numpy as np

from benchmarks.indicator_peers import Bars
from benchmarks.vectorbt_side import PYTHON

_SCRIPT = """
import sys, time
import numpy as np, pandas as pd, vectorbt as vbt
data = np.load(sys.argv[1])
high, low, close, volume = (pd.Series(data[name]) for name in ("high", "low", "close", "volume"))

def macd():
    run = vbt.MACD.run(close, 12, 26, 9, macd_ewm=True, signal_ewm=True)
    return run.macd, run.signal, run.hist

def bbands():
    run = vbt.BBANDS.run(close, 20, alpha=2)
    return run.upper, run.middle, run.lower

def stoch():
    run = vbt.STOCH.run(high, low, close, 14, 3)
    return run.percent_k, run.percent_d

WORK = {
    "rsi": lambda: vbt.RSI.run(close, 14, ewm=True).rsi,
    "ema": lambda: vbt.MA.run(close, 20, ewm=True).ma,
    "macd": macd,
    "bbands": bbands,
    "atr": lambda: vbt.ATR.run(high, low, close, 14, ewm=True).atr,
    "stoch": stoch,
    "obv": lambda: vbt.OBV.run(close, volume).obv,
    "sma": lambda: vbt.MA.run(close, 20).ma,
}
for line in sys.stdin:
    work = WORK.get(line.strip())
    if work is None:
        print(0.0, flush=True)
        continue
    started = time.process_time()
    work()
    print(time.process_time() - started, flush=True)
"""


class VectorbtIndicators:
    """The other process; `seconds` is None for what it does not have, or when its environment is absent."""

    def __init__(self, bars: Bars) -> None:
        self._process: subprocess.Popen[str] | None = None
        if not PYTHON.exists():
            return
        with tempfile.NamedTemporaryFile(suffix=".npz", delete=False) as file:
            np.savez(file, high=bars.high, low=bars.low, close=bars.close, volume=bars.volume)
            self._path = Path(file.name)
        self._process = subprocess.Popen(
            [str(PYTHON), "-c", _SCRIPT, str(self._path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def seconds(self, name: str) -> float | None:
        """CPU time of one run."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return None
        process.stdin.write(f"{name}\n")
        process.stdin.flush()
        return float(process.stdout.readline()) or None

    def __enter__(self) -> "VectorbtIndicators":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.communicate()
            self._path.unlink()
