"""Training: from recorded bars to an artefact that the decision path can load."""
