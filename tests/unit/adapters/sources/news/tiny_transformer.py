"""A text classifier small enough to work out by hand, in the files that an export of a real one leaves."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

#: Each word with the logits of (negative, neutral, positive) that it brings; padding would be noticed.
WORDS = {
    "[UNK]": (0.1, 0.9, 0.2),
    "[PAD]": (5.0, -3.0, 2.0),
    "[CLS]": (0.2, 0.1, 0.3),
    "[SEP]": (-0.1, 0.4, 0.1),
    "soars": (-6.0, 0.0, 9.0),
    "rally": (-4.0, 0.5, 7.5),
    "plunges": (9.5, 0.0, -7.0),
    "falls": (8.0, -0.5, -5.0),
    "bitcoin": (0.3, 1.1, 0.4),
    "gold": (0.2, 1.3, 0.1),
    "as": (0.0, 0.7, 0.1),
}
IDS = {word: k for k, word in enumerate(WORDS)}
NAMES = ("negative", "neutral", "positive")
_KINDS = {"int64": TensorProto.INT64, "int32": TensorProto.INT32, "float": TensorProto.FLOAT}


@dataclass(frozen=True, slots=True)
class Tiny:
    """What the export is made of; `columns` are the logits in the order of `labels`."""

    labels: tuple[str, ...] = NAMES
    columns: tuple[int, ...] = (0, 1, 2)
    inputs: tuple[str, ...] = ("input_ids", "attention_mask")
    kind: str = "int64"
    mask_kind: str | None = None
    shape: tuple[int | str, ...] = ("batch", "tokens")
    per_token: bool = False
    scale: float = 1.0
    vocabulary: int = len(WORDS)
    config: dict[str, Any] = field(default_factory=lambda: {"pad_token_id": IDS["[PAD]"], "model_type": "tiny"})

    @property
    def table(self) -> NDArray[np.float32]:
        """Logits by word: float32 (words, labels)."""
        return np.array(list(WORDS.values()), dtype=np.float32)[: self.vocabulary, list(self.columns)] * self.scale

    def write(self, folder: Path) -> Path:
        """All three files, in a new folder."""
        folder.mkdir()
        onnx.save(self._model(), str(folder / "model.onnx"))
        _tokenizer().save(str(folder / "tokenizer.json"))
        labels = {str(k): label for k, label in enumerate(self.labels)}
        (folder / "config.json").write_text(json.dumps({"id2label": labels, **self.config}))
        return folder

    def _model(self) -> Any:
        """Embedding by Gather, mean over the tokens of the mask (or over all), MatMul."""
        nodes = [helper.make_node("Gather", ["table", "input_ids"], ["words"])]
        pooled = "words"
        if "token_type_ids" in self.inputs:
            nodes += [
                helper.make_node("Gather", ["types", "token_type_ids"], ["typed"]),
                helper.make_node("Add", ["words", "typed"], ["both"]),
            ]
            pooled = "both"
        if self.per_token:
            nodes.append(helper.make_node("Identity", [pooled], ["mean"]))
        elif "attention_mask" in self.inputs:
            nodes += [
                helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
                helper.make_node("Unsqueeze", ["mask", "last"], ["wide"]),
                helper.make_node("Mul", [pooled, "wide"], ["kept"]),
                helper.make_node("ReduceSum", ["kept", "middle"], ["sum"], keepdims=0),
                helper.make_node("ReduceSum", ["wide", "middle"], ["count"], keepdims=0),
                helper.make_node("Div", ["sum", "count"], ["mean"]),
            ]
        else:
            nodes.append(helper.make_node("ReduceMean", [pooled, "middle"], ["mean"], keepdims=0))
        nodes.append(helper.make_node("MatMul", ["mean", "head"], ["logits"]))
        constants = {
            "table": self.table,
            "types": np.array([np.zeros(len(self.columns)), np.full(len(self.columns), 50.0)], dtype=np.float32),
            "last": np.array([2]),
            "middle": np.array([1]),
            "head": np.eye(len(self.columns), dtype=np.float32),
        }
        logits = [*(self.shape if self.per_token else self.shape[:1]), len(self.columns)]
        graph = helper.make_graph(
            nodes,
            "tiny",
            [helper.make_tensor_value_info(name, self._kind(name), self.shape) for name in self.inputs],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, logits)],
            [numpy_helper.from_array(values, name) for name, values in constants.items()],
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)

    def _kind(self, name: str) -> int:
        return _KINDS[self.mask_kind or self.kind if name == "attention_mask" else self.kind]


def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.WordLevel(IDS, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    ends = [(word, IDS[word]) for word in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    tokenizer.enable_padding(length=64)  # as exports leave it: ours is not to be padded twice
    return tokenizer


def score_by_hand(texts: Sequence[str], max_tokens: int = 128, labels: tuple[int, ...] = (0, 1, 2)) -> list[float]:
    """P(positive) − P(negative) of the mean of the logits of the words: the published softmax, in float64."""
    scores = []
    for text in texts:
        words = ["[CLS]", *text.lower().split()[: max_tokens - 2], "[SEP]"]
        rows = np.array([WORDS.get(word, WORDS["[UNK]"]) for word in words])
        p = np.zeros(3)
        p[list(labels)] = np.exp(rows.mean(axis=0))[list(labels)]
        scores.append(float((p[2] - p[0]) / p.sum()))
    return scores
