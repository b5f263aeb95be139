"""Side data: what is laid beside an instrument's bars from other files."""

from dataclasses import dataclass, replace
from pathlib import Path

from quaestor.adapters.instruments.catalog import InstrumentTable
from quaestor.adapters.sources.dated.fear_greed import fear_greed_series
from quaestor.adapters.sources.dated.series import attach, close_series, close_stamps, funding_series, with_row
from quaestor.adapters.sources.files.bars import read_bars
from quaestor.adapters.sources.files.funding import load_funding
from quaestor.adapters.sources.files.source_file import SourceFile, open_source
from quaestor.adapters.sources.news.aliases import load_aliases
from quaestor.adapters.sources.news.choice import choose_scorer
from quaestor.adapters.sources.news.headlines import load_headlines
from quaestor.adapters.sources.news.series import sentiment_of
from quaestor.domain.bars import Bars
from quaestor.domain.market_matrix import Column
from quaestor.domain.wording import counted
from quaestor.errors import ConfigError, DataError, UnknownNameError


@dataclass(frozen=True, slots=True)
class SideData:
    """Files beside the bars, None for none. `benchmark` is a symbol, of `benchmark_data` or else of the bars' file;
    `headline_model` is the folder of a transformer that scores the headlines instead of the lexicon."""

    headlines: Path | None = None
    fear_greed: Path | None = None
    funding: Path | None = None
    benchmark: str | None = None
    benchmark_data: Path | None = None
    headline_model: Path | None = None


def read_bars_and_side_data(
    source: SourceFile,
    symbol: str,
    side: SideData,
    *,
    timeframe: str | None = None,
    start: str | None = None,
    end: str | None = None,
) -> Bars:
    """Read an instrument's bars, see `read_bars`, and return them with what lies beside them, see `attach_side_data`.

    Raises:
        ConfigError, DataError, UnknownNameError: as these two.
    """
    bars = read_bars(source, symbol, timeframe=timeframe, start=start, end=end)
    return attach_side_data(bars, side, source, timeframe)


def attach_side_data(bars: Bars, side: SideData, source: SourceFile, timeframe: str | None = None) -> Bars:
    """Bars with a row of the market matrix for everything given, each value from when it was knowable.

    Args:
        bars: of one instrument.
        side: what to lay beside them.
        source: the bars' file.
        timeframe: the one that was asked for; the benchmark's bars are built to it too.

    Raises:
        ConfigError: a file for the benchmark without its symbol, or a model without headlines.
        DataError, UnknownNameError, ConfigError: as the readers of the files; also when no headline names the
            instrument, or nothing of a series is known while the bars last.
    """
    if side.benchmark_data is not None and side.benchmark is None:
        raise ConfigError("a file and no symbol", place="--benchmark-data", remedy="give --benchmark SYMBOL too")
    if side.headline_model is not None and side.headlines is None:
        raise ConfigError("a model and nothing to score", place="--headline-model", remedy="give --headlines FILE too")
    known = source.instruments
    if side.benchmark is not None:
        beside = source if side.benchmark_data is None else open_source(side.benchmark_data, instruments=known)
        other = read_bars(beside, side.benchmark, timeframe=timeframe)
        bars = attach(bars, Column.BENCHMARK, close_series(other))
    if side.funding is not None:
        funding = load_funding(open_source(side.funding, instruments=known), bars.symbol)
        bars = attach(bars, Column.FUNDING_RATE, funding_series(funding, str(side.funding)))
    if side.fear_greed is not None:
        bars = attach(bars, Column.FEAR_GREED, fear_greed_series(open_source(side.fear_greed)))
    if side.headlines is not None:
        bars = _attach_headlines(bars, side.headlines, side.headline_model, known)
    return bars


def _attach_headlines(bars: Bars, path: Path, model: Path | None, instruments: InstrumentTable) -> Bars:
    asset = instruments.find(bars.symbol, bars.market).base
    aliases = load_aliases()
    if asset not in aliases.assets:
        raise UnknownNameError("asset in headlines", asset, aliases.assets, place=str(path))
    series = sentiment_of(asset, load_headlines(path), choose_scorer(model=model), aliases)
    if not len(series):
        raise DataError(f"no headline names {asset}", place=str(path), remedy="give headlines about it")
    sentiment, headlines = series.at(close_stamps(bars))
    bars = with_row(with_row(bars, Column.SENTIMENT, sentiment), Column.HEADLINES, headlines)
    scored = "" if model is None else f", scored by {model.name}"
    return replace(
        bars, notes=(*bars.notes, f"{counted(len(series), 'headline')} about {asset} from {path.name}{scored}")
    )
