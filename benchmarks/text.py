"""How well headline scores agree with human labels, and whether they tell anything of the next hour."""

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import shared_folder
from benchmarks.measure import Figures
from quaestor.adapters.sources.dated.series import close_stamps
from quaestor.adapters.sources.files.bars import load_bars
from quaestor.adapters.sources.files.source_file import open_source
from quaestor.adapters.sources.news.aliases import load_aliases
from quaestor.adapters.sources.news.clauses import score_mentions
from quaestor.adapters.sources.news.headlines import load_headlines
from quaestor.adapters.sources.news.labels import LABELS, LabelledMentions, agreement, load_labelled
from quaestor.adapters.sources.news.scorer import LexiconScorer, VaderScorer, labels_of
from quaestor.adapters.sources.news.series import sentiment_of
from quaestor.domain.market_matrix import Column

Series = NDArray[np.float64]

HOUR_NS = 3_600_000_000_000
_HALF_LIVES_HOURS = (1, 6, 24)
_BLOCK_HOURS = 48
_RESAMPLES = 2_000


def measure_text() -> Figures:
    """Accuracy on both halves of SEntFiN, agreement with the machine labels of crypto headlines, and rank correlations
    of BTC's sentiment with the return of the hour after it and of the hours before it."""
    folder = shared_folder()
    labelled = load_labelled(open_source(folder / "news_sentfin_entity_sentiment.parquet"), "entity_sentiment_json")
    news = folder / "news_crypto_headlines_20211012_20220430.parquet"
    return {
        "test_half": _accuracies(labelled.half(test=True)),
        "development_half": _accuracies(labelled.half(test=False)),
        "machine_labels_of_crypto_headlines": _accuracies(load_labelled(open_source(news), "label")),
        "btc": _foresight(news, folder / "binance_spot_10sym_1h_20220101_20241231.parquet"),
    }


def _accuracies(labelled: LabelledMentions) -> Figures:
    titles = labelled.titles
    scorer = LexiconScorer()
    begun = time.perf_counter()
    scores = scorer.score(titles)
    seconds = time.perf_counter() - begun
    most_common = int(np.argmax(np.bincount(labelled.labels + 1))) - 1
    predictions: Mapping[str, NDArray[np.int8]] = {
        "majority": np.full(len(labelled), most_common, dtype=np.int8),
        "vader": labels_of(VaderScorer().score(titles)),
        "lexicon_whole_headline": labels_of(scores),
        "lexicon_clause": labels_of(score_mentions(scorer, titles, labelled.places)),
    }
    report: Figures = {"labels": len(labelled), "headlines_a_second": round(len(titles) / seconds)}
    for name, predicted in predictions.items():
        found = agreement(labelled.labels, predicted)
        report[name] = {
            "accuracy": round(found.accuracy, 4),
            "macro_f1": round(found.macro_f1, 4),
            "f1": dict(zip(LABELS, np.round(found.f1, 3).tolist(), strict=True)),
            "confusion": found.confusion.tolist(),
        }
    return report


def _foresight(news: Path, data: Path) -> Figures:
    headlines = load_headlines(news)
    bars = load_bars(data, "BTCUSDT", end="2022-05-01")
    close = np.log(bars.column(Column.CLOSE))
    series = sentiment_of("BTC", headlines, LexiconScorer(), load_aliases())
    report: Figures = {"headlines": len(series), "hours": len(bars), "block_hours": _BLOCK_HOURS}
    for hours in _HALF_LIVES_HOURS:
        mood = series.at(close_stamps(bars), hours * HOUR_NS)[0]
        report[f"half_life_{hours}h"] = {
            "next_hour": _rank_correlation(mood[:-1], np.diff(close)),
            "next_24_hours": _rank_correlation(mood[:-24], close[24:] - close[:-24]),
            "last_24_hours": _rank_correlation(mood[24:], close[24:] - close[:-24]),
        }
    return report


def _rank_correlation(x: Series, y: Series) -> Figures:
    """Spearman's rank correlation and the middle 95 % of it over moving-block resamples of the pairs."""
    generator = np.random.default_rng(11)
    n = len(x)
    blocks = -(-n // _BLOCK_HOURS)
    resampled = np.empty(_RESAMPLES)
    for k in range(_RESAMPLES):
        starts = generator.integers(0, n - _BLOCK_HOURS + 1, blocks)
        rows = (starts[:, None] + np.arange(_BLOCK_HOURS)).ravel()[:n]
        resampled[k] = _spearman(x[rows], y[rows])
    low, high = np.quantile(resampled, [0.025, 0.975])
    return {"rho": round(_spearman(x, y), 4), "low": round(float(low), 4), "high": round(float(high), 4), "n": n}


def _spearman(x: Series, y: Series) -> float:
    return float(np.corrcoef(_ranks(x), _ranks(y))[0, 1])


def _ranks(x: Series) -> Series:
    """Mean ranks of equal values."""
    _, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: Series = (ends - (counts - 1) / 2.0)[inverse]
    return ranks
