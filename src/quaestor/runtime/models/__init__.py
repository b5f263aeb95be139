"""Models of a run: loading, deployment, training, exchange, log and checkpoints."""
