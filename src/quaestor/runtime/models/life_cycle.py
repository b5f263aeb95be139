"""Life cycle of the models of a run, one entry: managers before the signal pipelines, a log, and checkpoints."""

from quaestor.adapters.stores.checkpoints import CheckpointStore
from quaestor.engine.feed import Feed
from quaestor.errors import ConfigError
from quaestor.ports.models import Trainer
from quaestor.runtime.config import RunConfig
from quaestor.runtime.journal.recorder import JournalRecorder, Recorder, VerifyingRecorder
from quaestor.runtime.models.deployment import ModelDeployment
from quaestor.runtime.models.log import ModelLog, ReplayTrainer, read_entries
from quaestor.runtime.models.manager import ModelManager
from quaestor.runtime.models.online_state import OnlineState, checkpoint_store, watched


def manage_models(deployment: ModelDeployment | None, config: RunConfig, feed: Feed, recorder: Recorder) -> ModelLog:
    """Put a model manager before every signal pipeline of a trained model; its state is kept beside a journal.

    Raises:
        CheckpointError: a run is resumed that had learned something that cannot be read.
        ConfigError: models are to be trained, and there is nobody who trains.
    """
    model_log = ModelLog(recorder)
    if deployment is None:
        return model_log
    trainer = _trainer(deployment, recorder)
    is_resumed = isinstance(recorder, VerifyingRecorder) and recorder.is_resumed
    store = _store(config, feed, recorder, is_resumed=is_resumed)
    for k, traded in enumerate(feed.traded_instruments):
        manager = ModelManager(feed.pipelines[k], k, traded.bars, deployment, trainer, model_log.take, seed=config.seed)
        model_log.managers.append(manager)
        feed.producers[k] = manager.advance
        if store is not None:
            state = OnlineState(store, traded, feed.pipelines[k], is_resumed=is_resumed)
            feed.producers[k] = watched(manager.advance, feed.pipelines[k], state)
    return model_log


def _trainer(deployment: ModelDeployment, recorder: Recorder) -> Trainer:
    """Whoever answers requests: a journal first, where the run is repeated."""
    trainer = deployment.trainer
    if isinstance(recorder, VerifyingRecorder):
        return ReplayTrainer(read_entries(recorder.models()), trainer)
    if trainer is not None:
        return trainer
    if deployment.schedule.first is not None:
        raise ConfigError("nobody to train models", place="models", remedy="leave --first-training out")
    return ReplayTrainer((), None)


def _store(config: RunConfig, feed: Feed, recorder: Recorder, *, is_resumed: bool) -> CheckpointStore | None:
    """Where checkpoints go; None for a run without a journal, or one that is only repeated."""
    if config.journal.dir is None or not (isinstance(recorder, JournalRecorder) or is_resumed):
        return None
    return checkpoint_store(config, feed.traded_instruments, config.journal.dir)
