"""Module entry: `python -m quaestor.cli` is the console script."""

from quaestor.cli.app import main

main()
