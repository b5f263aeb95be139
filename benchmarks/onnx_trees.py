"""Exported models as onnxruntime takes them: its sum of trees, or its linear regression, one thread."""

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper

from quaestor.brain.models.contract import Family, Link
from quaestor.research.training.models.contract import Exported

_FLOAT = onnx.TensorProto.FLOAT
_IR_VERSION = 8
_VERSIONS = [helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 1)]


def onnx_session(exported: Exported) -> onnxruntime.InferenceSession:
    """Takes ``x``, float32 (s, F); gives probabilities, float32 (s, 1)."""
    model = exported.model[0]
    link = "LOGISTIC" if model["link"] == Link.LOGISTIC else "NONE"
    if model["family"] == Family.LINEAR:
        node = helper.make_node(
            "LinearRegressor",
            ["x"],
            ["sum"],
            domain="ai.onnx.ml",
            coefficients=model["weights"].astype(np.float32).tolist(),
            intercepts=[float(model["offset"])],
        )
    else:
        node = helper.make_node(
            "TreeEnsembleRegressor", ["x"], ["sum"], domain="ai.onnx.ml", n_targets=1, **_trees(exported)
        )
    last = helper.make_node("Sigmoid" if link == "LOGISTIC" else "Identity", ["sum"], ["probability"])
    given = helper.make_tensor_value_info("x", _FLOAT, [None, len(model["weights"])])
    answer = helper.make_tensor_value_info("probability", _FLOAT, [None, 1])
    graph = helper.make_graph([node, last], "model", [given], [answer])
    made = helper.make_model(graph, opset_imports=_VERSIONS, ir_version=_IR_VERSION)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(made.SerializeToString(), options, providers=["CPUExecutionProvider"])


def _trees(exported: Exported) -> dict[str, list[object]]:
    """Node by node, under the number of its tree."""
    nodes, factor = exported.nodes, float(exported.model["factor"][0])
    leaf = nodes["child"] == np.arange(len(nodes))
    tree = _tree_of_each(exported)
    places = np.arange(len(nodes))
    return {
        "nodes_treeids": tree.tolist(),
        "nodes_nodeids": places.tolist(),
        "nodes_featureids": nodes["feature"].tolist(),
        "nodes_modes": np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
        "nodes_values": np.where(leaf, 0.0, nodes["threshold"]).astype(np.float32).tolist(),
        "nodes_truenodeids": np.where(leaf, 0, nodes["child"]).tolist(),
        "nodes_falsenodeids": np.where(leaf, 0, nodes["child"] + 1).tolist(),
        "target_treeids": tree[leaf].tolist(),
        "target_nodeids": places[leaf].tolist(),
        "target_ids": [0] * int(leaf.sum()),
        "target_weights": (factor * nodes["value"][leaf]).tolist(),
    }


def _tree_of_each(exported: Exported) -> NDArray[np.int64]:
    """The tree that each node belongs to: children follow their parents in the table."""
    child = exported.nodes["child"]
    tree = np.arange(len(child))
    for place in range(len(child)):
        if child[place] != place:
            tree[child[place] : child[place] + 2] = tree[place]
    return tree
