"""What an experiment was made of and what came of its models, as the result tells it."""

from collections.abc import Mapping

import msgspec

from quaestor.domain.artefact import Artefact
from quaestor.research.experiment.result import Data, Edge, ModelLine
from quaestor.research.experiment.runs import LearnedRun
from quaestor.research.experiment.setup import ExperimentSetup
from quaestor.research.training.fingerprints import bars_sha256


def data_of(setup: ExperimentSetup) -> tuple[Data, ...]:
    """Digests of what was looked at."""
    return tuple(
        Data(traded.bars.symbol, len(traded.bars), bars_sha256(known), held)
        for traded, known, held in zip(setup.traded_instruments, setup.known, setup.held_out, strict=True)
    )


def settings_of(setup: ExperimentSetup) -> Mapping[str, object]:
    """What decides the figures; where files lie does not."""
    config = setup.config
    sections = ("account", "allocation", "sizing", "costs", "risk", "regime", "execution", "seed")
    plain = config.model_dump(mode="json")
    return {
        **{name: plain[name] for name in sections},
        "trading": plain["strategy"]["settings"],
        "training": msgspec.json.decode(setup.training.to_json()),
        "validation_bars": config.models.validation_bars,
        "delay_bars": config.models.delay_bars,
        "holdout_share": setup.settings.holdout_share,
        "strategies": setup.settings.strategies,
        "draws": setup.settings.draws,
    }


def model_log_of(run: LearnedRun) -> tuple[ModelLine, ...]:
    """What was asked of the trainer, and what came into use, in order."""
    symbols = run.assembly.symbols
    lines = []
    for entry in run.entries:
        if entry.asked is not None:
            lines.append(ModelLine(entry.ts, symbols[entry.asked.instrument], "asked", entry.asked.reason.value, ""))
        if entry.used is not None:
            used = entry.used
            lines.append(ModelLine(entry.ts, symbols[used.instrument], "used", used.why, used.sha256))
    return tuple(lines)


def edge_of(artefact: Artefact) -> Edge:
    """The curve that makes an expected gain of a probability."""
    curve = artefact.tables["learned"][0]["edge"]
    x, y, error = (tuple(curve[name][: int(curve["count"])].tolist()) for name in ("x", "y", "error"))
    return Edge(artefact.manifest.symbol, x, y, error)
