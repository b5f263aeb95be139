"""Recovery and replay: a journaled run begun, resumed or repeated."""
