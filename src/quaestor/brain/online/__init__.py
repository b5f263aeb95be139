"""Learning while trading: outcomes of past opinions, online models, scores, drift and what is done about it."""
