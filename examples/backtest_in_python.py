"""A backtest from Python, on the bundled sample: configure, run, read the figures and the trades.

python examples/backtest_in_python.py
"""

from quaestor.app.run import backtest
from quaestor.runtime.config import load_config
from quaestor.sample import sample_path

config = load_config(
    options={
        "data.path": sample_path("1h"),
        "data.symbol": "ETHUSDT",
        "strategy.name": "breakout",
        "account.capital": "10000",
        "risk.profile": "conservative",
    },
    settings=["side=both"],
)
result = backtest(config)
summary = result.summary
print(f"{summary.strategy} on {summary.symbol}: {summary.bars} bars, {summary.trades} trades")
print(f"return {summary.total_return:+.2%}, worst drawdown {summary.max_drawdown:.2%}")
print(f"holding would have made {summary.buy_and_hold_return:+.2%}")
print(result.trades.select("entry_ts", "side", "qty", "entry_price", "exit_price", "pnl", "exit_reason").head(5))
print(result.verdicts)
