"""Ensemble catalog: every ensemble of the package; a new one costs its file and a line here."""

from quaestor.brain.ensemble.contract import Ensemble
from quaestor.brain.ensemble.netted import NETTED
from quaestor.brain.ensemble.weighted import WEIGHTED

CATALOG: tuple[Ensemble, ...] = (WEIGHTED, NETTED)
