"""`python -m quaestor` is the console script."""

from quaestor.cli.app import main

main()
