"""Transformer scorer: headlines scored by a text classifier, run on this machine from a folder of the user's.

The folder holds what an export to ONNX leaves: ``model.onnx``, ``tokenizer.json`` and ``config.json``. It is only read:
nothing is fetched, nothing in it is code or pickle.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.optional import load_extra
from quaestor.errors import ConfigError, DataError

MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"
CONFIG = "config.json"

# What each label counts in the score; nothing else is taken for an opinion.
_SIGNS = {"negative": -1.0, "bearish": -1.0, "neutral": 0.0, "positive": 1.0, "bullish": 1.0}
_IDS, _MASK, _TYPES = "input_ids", "attention_mask", "token_type_ids"
_INTEGERS: dict[str, type[np.signedinteger[Any]]] = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}
_EXPORT = "export model, tokenizer and config together, for text classification"


class _Config(msgspec.Struct):
    """What is read of ``config.json``; its other fields are left alone."""

    id2label: dict[int, str] = msgspec.field(default_factory=dict)
    pad_token_id: int | None = None


class TransformerScorer:
    """P(positive) − P(negative) of a sequence classifier with the labels negative, positive and, mostly, neutral.

    P is the softmax of the logits. A text of blanks, or one that gives no token, scores 0. One thread on the CPU, so
    that one machine gives the same bits each time; processors of another kind may differ in the last digits of a
    float32.

    With `batch_size` 1 a score depends on nothing but its text. In a batch the others may change its last digits as
    well, and more than those where the model is quantised dynamically, since that scales by the largest value of a
    batch. A model without an attention mask could not tell padding from text: it gets one text at a time in any case.

    Devlin et al. (2019), BERT: Pre-training of Deep Bidirectional Transformers; Araci (2019), FinBERT.

    Args:
        folder: holds ``model.onnx``, ``tokenizer.json`` and ``config.json``, whose ``id2label`` names the labels.
        batch_size: texts in one run of the model, ≥ 1; shorter ones are padded.
        max_tokens: what is longer is cut off at its end; more than the tokenizer adds by itself.

    Raises:
        ConfigError: onnxruntime or tokenizers is not installed, the folder or a file of it is missing, or a number is
            out of range.
        DataError: a file is damaged, or the model is not one of labels and inputs as above.
    """

    def __init__(self, folder: Path, *, batch_size: int = 32, max_tokens: int = 128) -> None:
        if batch_size < 1:
            raise ConfigError(f"a batch of {batch_size} texts", place=str(folder), remedy="give 1 or more")
        _require_files(folder)
        config = _read_config(folder / CONFIG)
        self._place = str(folder / MODEL)
        self._signs = _signs(config.id2label, str(folder / CONFIG))
        self._pad = config.pad_token_id or 0
        self._tokenizer = _open_tokenizer(folder / TOKENIZER, max_tokens)
        self._refusals = _refusals()
        self._session = self._open_session()
        self._inputs = _declared_inputs(self._session, self._place)
        names = [output.name for output in self._session.get_outputs()]
        self._output = "logits" if "logits" in names else names[0]
        self._batch_size = batch_size if _MASK in self._inputs else 1

    def score(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """A score in [−1, 1] for each text: float64[n].

        Raises:
            DataError: the model cannot take the tokens, or gives something other than one finite logit a label.
        """
        scores = np.zeros(len(texts))
        tokens = [self._tokenizer.encode(text) if text.strip() else None for text in texts]
        rows = [(k, encoding) for k, encoding in enumerate(tokens) if encoding is not None and encoding.ids]
        for first in range(0, len(rows), self._batch_size):
            batch = rows[first : first + self._batch_size]
            scores[[k for k, _ in batch]] = self._score_batch([encoding for _, encoding in batch])
        return scores

    def _score_batch(self, encodings: list[Any]) -> NDArray[np.float64]:
        logits = self._run(self._padded(encodings))
        expected = (len(encodings), len(self._signs))
        if not isinstance(logits, np.ndarray) or logits.shape != expected:
            raise DataError(
                f"'{self._output}' is {getattr(logits, 'shape', type(logits).__name__)}, not {expected}: one logit for "
                f"each of the labels of {CONFIG}",
                place=self._place,
                remedy=_EXPORT,
            )
        wide = logits.astype(np.float64)
        if not np.isfinite(wide).all():
            raise DataError("gives logits that are not finite", place=self._place, remedy="export it as float32")
        weights = np.exp(wide - wide.max(axis=1, keepdims=True))
        return np.clip(weights @ self._signs / weights.sum(axis=1), -1.0, 1.0)

    def _padded(self, encodings: list[Any]) -> dict[str, NDArray[Any]]:
        """What the model takes: integers (texts, longest text) by input."""
        shape = (len(encodings), max(len(encoding.ids) for encoding in encodings))
        feed = {name: np.full(shape, self._pad if name == _IDS else 0, kind) for name, kind in self._inputs.items()}
        for k, encoding in enumerate(encodings):
            for name, values in ((_IDS, encoding.ids), (_MASK, encoding.attention_mask), (_TYPES, encoding.type_ids)):
                if name in feed:
                    feed[name][k, : len(values)] = values
        return feed

    def _run(self, feed: dict[str, NDArray[Any]]) -> Any:
        try:
            return self._session.run([self._output], feed)[0]
        except self._refusals as error:
            raise DataError(
                f"cannot take what the tokenizer gives: {_in_one_line(error)}",
                place=self._place,
                remedy=f"{_EXPORT}, with any number of texts and tokens",
            ) from error

    def _open_session(self) -> Any:
        runtime = load_extra("onnxruntime", place=self._place, extra="transformer")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = runtime.ExecutionMode.ORT_SEQUENTIAL
        options.use_deterministic_compute = True
        options.log_severity_level = 4  # what goes wrong is said once, by the error
        try:
            return runtime.InferenceSession(self._place, options, providers=["CPUExecutionProvider"])
        except self._refusals as error:
            raise DataError(
                f"cannot be read as a model: {_in_one_line(error)}", place=self._place, remedy=_EXPORT
            ) from error


def _require_files(folder: Path) -> None:
    if not folder.is_dir():
        raise ConfigError(
            "there is no such folder", place=str(folder), remedy=f"give a folder with {MODEL}, {TOKENIZER}, {CONFIG}"
        )
    for name in (MODEL, TOKENIZER, CONFIG):
        if not (folder / name).is_file():
            raise ConfigError(f"holds no {name}", place=str(folder), remedy=_EXPORT)


def _read_config(path: Path) -> _Config:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Config)
    except (OSError, msgspec.DecodeError) as error:
        raise DataError(f"cannot be read as a configuration: {error}", place=str(path), remedy=_EXPORT) from error


def _signs(labels: dict[int, str], place: str) -> NDArray[np.float64]:
    """−1, 0 or 1 for each logit, by the name of its label."""
    names = [labels[k].strip().lower() for k in sorted(labels)]
    signs = [_SIGNS[name] for name in names if name in _SIGNS]
    usable = sorted(labels) == list(range(len(names))) and len(signs) == len(names) == len(set(signs))
    if not usable or not {-1.0, 1.0} <= set(signs):
        told = ", ".join(f"{k}: {labels[k]}" for k in sorted(labels)) or "none"
        raise DataError(
            f"the labels of id2label say no sentiment ({told})",
            place=place,
            remedy='write what each logit means, such as {"0": "negative", "1": "neutral", "2": "positive"}',
        )
    return np.array(signs)


def _open_tokenizer(path: Path, max_tokens: int) -> Any:
    library = load_extra("tokenizers", place=str(path), extra="transformer")
    try:
        tokenizer = library.Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare Exception, no subclass
        raise DataError(f"cannot be read as a tokenizer: {error}", place=str(path), remedy=_EXPORT) from error
    added = tokenizer.num_special_tokens_to_add(False)
    if max_tokens <= added:  # the library would cut nothing
        raise ConfigError(f"{max_tokens} tokens a text", place=str(path), remedy=f"give more than {added}")
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    return tokenizer


def _declared_inputs(session: Any, place: str) -> dict[str, type[np.signedinteger[Any]]]:
    """Integer type of each input that the model takes, by its name."""
    kinds = {given.name: given.type for given in session.get_inputs()}
    if _IDS not in kinds or not {*kinds} <= {_IDS, _MASK, _TYPES} or not {*kinds.values()} <= {*_INTEGERS}:
        told = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
        raise DataError(
            f"takes {told}; a text gives the integers {_IDS}, {_MASK} and {_TYPES}",
            place=place,
            remedy=_EXPORT,
        )
    return {name: _INTEGERS[kind] for name, kind in kinds.items()}


def _refusals() -> tuple[type[Exception], ...]:
    """What onnxruntime raises for a model or an input that it cannot take; they have no base of their own."""
    state = load_extra("onnxruntime.capi.onnxruntime_pybind11_state", place=MODEL, extra="transformer")
    names = ("Fail", "InvalidArgument", "InvalidGraph", "InvalidProtobuf", "NoModel", "NoSuchFile", "NotImplemented")
    return (state.RuntimeException, *(getattr(state, name) for name in names))


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())
