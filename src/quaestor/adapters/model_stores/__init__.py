"""Trained models at rest: kept by what they hold, registered, and one of each name in use."""
