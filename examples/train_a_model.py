"""Train a signal model on the bundled sample, and ask it about bars that it has not seen.

python examples/train_a_model.py    # needs the extra: pip install -e '.[train]'
"""

from collections import Counter

from quaestor.adapters.sources.files.bars import load_bars
from quaestor.brain.trained.model import make_trained_model
from quaestor.brain.trained.outputs import Output
from quaestor.brain.trained.settings import TradingSettings
from quaestor.engine.market_rows import as_seen
from quaestor.features.plan import compute, make_plan
from quaestor.ledger.codes import Abstention
from quaestor.research.training.settings import TrainingSettings
from quaestor.research.training.train import train
from quaestor.sample import sample_path

bars = load_bars(sample_path("1h"), "BTCUSDT")
known = len(bars) * 2 // 3
settings = TrainingSettings(learners=("logistic", "lightgbm"), specialists=(), samples_max=3_000)
training = train(bars.part(0, known), settings)  # nothing after the training period is handed over

print(f"trained on {known:,} hours; out of fold, where a Brier score of 0.25 knows nothing:")
for name, skill in {**training.models, "all together": training.pooled}.items():
    print(f"  {name:20} right {skill.accuracy:.1%} (base rate {skill.base_rate:.1%}), Brier {skill.brier:.4f}")

# 20 bp of fees and 4 of slippage a round trip: the edge has to pay for that before a decision is made
signal_model = make_trained_model(training.artefact, TradingSettings(round_trip=0.0024))
seen = as_seen(bars)
features = compute(make_plan(signal_model.features, interval_ns=seen.interval_ns), seen.columns, ts=seen.ts)
opinion, regimes = signal_model.opinions(features, seen.columns, seen.ts)

reasons = Counter(Abstention(int(code)).name.lower() for code in opinion[Output.REASON, known:])
print(f"on the {len(bars) - known:,} hours after that:")
for reason, count in reasons.most_common():
    print(f"  {'decided' if reason == 'none' else 'abstained: ' + reason.replace('_', ' '):32} {count:5}")
said = opinion[:, -1]
print(f"last hour: probability of a rise {said[Output.SCORE]:.1%}, ", end="")
print(f"edge {said[Output.EDGE]:.2%} ± {said[Output.EDGE_ERROR]:.2%} against costs of {said[Output.COST]:.2%}")
