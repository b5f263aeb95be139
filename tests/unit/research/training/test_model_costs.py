"""Model costs: bytes that add up to the tables, and times of the models that are called."""

from dataclasses import replace

import numpy as np
import pytest
from tests import learned

from quaestor.brain.models.contract import NODE
from quaestor.brain.trained.layout import state_dtype, trained_dtype
from quaestor.domain.artefact import Artefact
from quaestor.errors import DataError
from quaestor.research.training.model_costs import TOGETHER, model_memory, time_models


@pytest.fixture(scope="module")
def artefact() -> Artefact:
    return learned.artefact_of()


def test_the_bytes_of_all_models_are_those_of_the_tables(artefact: Artefact) -> None:
    tables, found = artefact.tables, model_memory(artefact)
    assert [own.name for own in found] == list(artefact.manifest.models)
    assert [own.kind for own in found] == ["linear", "trees", "online", "online", "rule"]
    shared = trained_dtype(0).itemsize  # barrier, edge, and what drift is measured against
    whole = tables["models"].nbytes + tables["nodes"].nbytes + tables["learners"].nbytes + tables["learned"].nbytes
    assert sum(own.table_bytes for own in found) == whole - shared
    assert [own.nodes for own in found] == [0, len(tables["nodes"]), 0, 0, 0]
    linear, trees, online, _, rule = found
    assert trees.table_bytes - linear.table_bytes == len(tables["nodes"]) * NODE.itemsize
    assert online.table_bytes - rule.table_bytes == tables["learners"].itemsize
    features, horizon = len(artefact.manifest.features), artefact.manifest.barrier.rows
    nobody = state_dtype(features, 0, 0, horizon).itemsize
    assert sum(own.state_bytes for own in found) == state_dtype(features, 5, 2, horizon).itemsize - nobody


def test_every_model_but_rules_is_timed(artefact: Artefact) -> None:
    found = {each.name: each for each in time_models(artefact, rows=500, calls=500)}
    assert list(found) == ["logistic", "lightgbm", "sgd", "passive_aggressive", TOGETHER]
    for each in found.values():
        assert 0.0 < each.row_p50_us <= each.row_p99_us
        assert each.rows_per_cpu_s > 1_000
    parts = sum(1.0 / each.rows_per_cpu_s for name, each in found.items() if name != TOGETHER)
    assert 1.0 / found[TOGETHER].rows_per_cpu_s > 0.5 * parts  # it asks all of them


def test_tables_that_do_not_fit_are_refused(artefact: Artefact) -> None:
    torn = replace(artefact, tables={**artefact.tables, "models": np.zeros(1, artefact.tables["models"].dtype)})
    for costs in (model_memory, time_models):
        with pytest.raises(DataError, match="does not hold 5 models"):
            costs(torn)
