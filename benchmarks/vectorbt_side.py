"""The same strategy in vectorbt, in a process of its own (it pins other versions): context, for it has no officer."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.data import FAST, SLOW, minutes
from benchmarks.measure import Figures

#: Interpreter of the environment that holds vectorbt.
PYTHON = Path(__file__).resolve().parents[1] / ".venv-vectorbt" / "bin" / "python"
_SCRIPT = f"""
import json, sys, time
import numpy as np, pandas as pd, vectorbt as vbt
data = np.load(sys.argv[1])
close = pd.Series(data["close"], index=pd.to_datetime(data["ts"]))
price = pd.Series(data["open"], index=close.index).shift(-1).fillna(close)

def work():
    fast = vbt.MA.run(close, {FAST}, ewm=True).ma
    slow = vbt.MA.run(close, {SLOW}, ewm=True).ma
    long = fast > slow
    portfolio = vbt.Portfolio.from_signals(close, long, ~long, price=price, fees=0.001, freq="1min")
    return float(portfolio.final_value()), int(portfolio.trades.count())

work()
taken = []
for _ in range(5):
    started = time.process_time()
    outcome = work()
    taken.append(time.process_time() - started)
print(json.dumps({{"seconds": sorted(taken)[2], "bars": len(close), "trades": outcome[1]}}))
"""


def measure_vectorbt() -> Figures:
    """Bars a CPU-second of signals and portfolio over the longest recorded file."""
    if not PYTHON.exists():
        return {"absent": "make test creates the environment of this peer"}
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "minutes.npz"
        frame = minutes()
        np.savez(path, ts=frame["ts"].to_numpy(), open=frame["open"].to_numpy(), close=frame["close"].to_numpy())
        done = subprocess.run([str(PYTHON), "-c", _SCRIPT, str(path)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(done.stderr, file=sys.stderr)
        return {"failed": done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no message"}
    outcome = json.loads(done.stdout)
    return {
        "bars": outcome["bars"],
        "trades": outcome["trades"],
        "bars_per_cpu_second": round(outcome["bars"] / outcome["seconds"]),
    }
