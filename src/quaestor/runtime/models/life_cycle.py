"""Model life cycle: model managers before the signal pipelines of a run, their log, and checkpoints of online state."""

from quaestor.adapters.stores.checkpoints import CheckpointStore
from quaestor.engine.feed import Feed
from quaestor.errors import ConfigError
from quaestor.ports.models import Trainer
from quaestor.runtime.config import RunConfig
from quaestor.runtime.journal.recorder import JournalRecorder, Recorder, VerifyingRecorder
from quaestor.runtime.models.deployment import ModelDeployment
from quaestor.runtime.models.log import ModelLog, ReplayTrainer, read_entries
from quaestor.runtime.models.manager import ModelManager
from quaestor.runtime.models.online_state import OnlineState, checkpoint_store, with_checkpoints


def manage_models(deployment: ModelDeployment | None, config: RunConfig, feed: Feed, recorder: Recorder) -> ModelLog:
    """Put a model manager before every signal pipeline of a trained model, with checkpoints where a journal is written.

    Returns:
        The log of their notes; empty for a run without trained models.

    Raises:
        CheckpointError: a run is resumed whose checkpoints cannot be read.
        ConfigError: a training schedule without a trainer.
    """
    model_log = ModelLog(recorder)
    if deployment is None:
        return model_log
    trainer = _trainer(deployment, recorder)
    is_resumed = isinstance(recorder, VerifyingRecorder) and recorder.is_resumed
    store = _store(config, feed, recorder, is_resumed=is_resumed)
    for k, traded in enumerate(feed.traded_instruments):
        manager = ModelManager(feed.pipelines[k], k, traded.bars, deployment, trainer, model_log.add, seed=config.seed)
        model_log.managers.append(manager)
        feed.producers[k] = manager.advance
        if store is not None:
            state = OnlineState(store, traded, feed.pipelines[k], is_resumed=is_resumed)
            feed.producers[k] = with_checkpoints(manager.advance, feed.pipelines[k], state)
    return model_log


def _trainer(deployment: ModelDeployment, recorder: Recorder) -> Trainer:
    """Return the trainer of a run: where it is repeated, the one that reads its journal first."""
    trainer = deployment.trainer
    if isinstance(recorder, VerifyingRecorder):
        return ReplayTrainer(read_entries(recorder.models()), trainer)
    if trainer is not None:
        return trainer
    if deployment.schedule.first is not None:
        raise ConfigError("no trainer for scheduled models", place="models", remedy="leave --first-training out")
    return ReplayTrainer((), None)


def _store(config: RunConfig, feed: Feed, recorder: Recorder, *, is_resumed: bool) -> CheckpointStore | None:
    """Return the store of checkpoints; None for a run without a journal, or one that is only repeated."""
    if config.journal.dir is None or not (isinstance(recorder, JournalRecorder) or is_resumed):
        return None
    return checkpoint_store(config, feed.traded_instruments, config.journal.dir)
