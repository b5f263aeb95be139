"""Provenance of an experiment: digests of its data, its settings, and the log and edge curves of its models."""

from collections.abc import Mapping

import msgspec

from quaestor.domain.artefact import Artefact
from quaestor.research.experiment.result import Data, Edge, ModelLine
from quaestor.research.experiment.runs import LearnedRun
from quaestor.research.experiment.setup import ExperimentSetup
from quaestor.research.training.fingerprints import bars_sha256


def data_of(setup: ExperimentSetup) -> tuple[Data, ...]:
    """Return the number of bars and their digests, of each instrument."""
    return tuple(
        Data(traded.bars.symbol, len(traded.bars), bars_sha256(known), held)
        for traded, known, held in zip(setup.traded_instruments, setup.known, setup.held_out, strict=True)
    )


def settings_of(setup: ExperimentSetup) -> Mapping[str, object]:
    """Return the settings that decide the figures; paths of files are left out."""
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
    """Return the models that were requested and those that came into use, in order."""
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
    """Return the curve of expected gain by pooled probability."""
    curve = artefact.tables["learned"][0]["edge"]
    x, y, error = (tuple(curve[name][: int(curve["count"])].tolist()) for name in ("x", "y", "error"))
    return Edge(artefact.manifest.symbol, x, y, error)
