"""Recovery and replay: journals of runs begun, resumed and repeated."""
