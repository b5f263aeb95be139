"""Records of a run: what is written, and the environment that its bits depend on."""
