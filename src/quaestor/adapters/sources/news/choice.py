"""Choice of the headline scorer: the lexicon, or a model of the user's."""

from pathlib import Path

from quaestor.adapters.sources.news.lexicon import load_lexicon
from quaestor.adapters.sources.news.scorer import HeadlineScorer, LexiconScorer
from quaestor.adapters.sources.news.transformer import TransformerScorer
from quaestor.errors import ConfigError


def choose_scorer(lexicon: Path | None = None, model: Path | None = None) -> HeadlineScorer:
    """The scorer over the lexicon unless a model is given.

    A model reads one text at a time, so that a headline scores the same bits alone and among any others.

    Args:
        lexicon: terms beyond the shipped ones, a TOML file.
        model: the folder of a transformer, instead of the lexicon.

    Raises:
        ConfigError: both are given; and as the scorers and the reader of the lexicon.
        DataError: as the transformer.
    """
    if model is None:
        return LexiconScorer(load_lexicon(lexicon))
    if lexicon is not None:
        raise ConfigError("a model reads no lexicon", place=str(lexicon), remedy="give either a lexicon or a model")
    return TransformerScorer(model, batch_size=1)
