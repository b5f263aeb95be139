"""Sentiment of one asset over time: what headlines said of it, each from when it was knowable."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quaestor.adapters.sources.news.aliases import AliasTable
from quaestor.adapters.sources.news.clauses import score_mentions
from quaestor.adapters.sources.news.headlines import Headlines
from quaestor.adapters.sources.news.scorer import HeadlineScorer
from quaestor.domain.bars import NANOSECONDS_PER_SECOND
from quaestor.errors import ConfigError
from quaestor.numeric.decay import DECAYED, advance_decayed_mean

#: Stamps of headlines are whole minutes at best, so a headline is known a minute after its stamp.
KNOWN_AFTER_NS = 60 * NANOSECONDS_PER_SECOND
HALF_LIFE_NS = 6 * 3600 * NANOSECONDS_PER_SECOND


@dataclass(frozen=True, slots=True)
class SentimentSeries:
    """Scores of the headlines about an asset: `known_ts` int64[m] ns UTC, ascending, when each was knowable, and
    `scores` float64[m] in [−1, 1]; those of one instant in ascending order, whatever the order they were found in."""

    asset: str
    known_ts: NDArray[np.int64]
    scores: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.known_ts)

    def at(self, close_ts: NDArray[np.int64], half_life_ns: int = HALF_LIFE_NS) -> NDArray[np.float64]:
        """Sentiment and decayed number of headlines at some instants, from headlines known by then.

        Args:
            close_ts: int64[n] ns UTC, ascending.
            half_life_ns: age at which a headline counts half.

        Returns:
            float64 (2, n): the decayed mean of `numeric.decay` in (−1, 1), and the decayed count ≥ 0; 0 and 0 before
            any headline.

        Raises:
            ConfigError: a half-life that is not positive.
        """
        if half_life_ns <= 0:
            raise ConfigError(f"a half-life of {half_life_ns} ns", place="headlines", remedy="give a positive one")
        out = np.empty((2, len(close_ts)))
        state = np.zeros(1, dtype=DECAYED)
        advance_decayed_mean(
            state, float(half_life_ns), self.known_ts, self.scores, close_ts, out[0], out[1], 0, len(close_ts)
        )
        return out


def sentiment_of(
    asset: str,
    headlines: Headlines,
    scorer: HeadlineScorer,
    aliases: AliasTable,
    *,
    known_after_ns: int = KNOWN_AFTER_NS,
) -> SentimentSeries:
    """What headlines said of one asset.

    A headline that names the asset counts once, with the mean score of its mentions (see `clauses`).

    Args:
        asset: as the table names it, such as "BTC".
        headlines: what was published.
        scorer: scores clauses.
        aliases: names of assets.
        known_after_ns: from its stamp on until a headline can be acted upon, ≥ 0.

    Raises:
        ConfigError: a delay below 0.
    """
    if known_after_ns < 0:
        raise ConfigError(f"a delay of {known_after_ns} ns", place="headlines", remedy="give none below 0")
    mentions = [
        (k, mention.start)
        for k, title in enumerate(headlines.titles)
        for mention in aliases.find(title)
        if mention.asset == asset
    ]
    rows = np.array([k for k, _ in mentions], dtype=np.int64)
    scores = score_mentions(scorer, [headlines.titles[k] for k in rows], [place for _, place in mentions])
    about, first = np.unique(rows, return_inverse=True)
    means = np.bincount(first, weights=scores, minlength=len(about)) / np.bincount(first, minlength=len(about))
    known = headlines.ts[about] + known_after_ns
    order = np.lexsort((means, known))
    return SentimentSeries(asset, known[order], means[order])
