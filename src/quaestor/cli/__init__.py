"""Command line: parses options, calls the use cases of `app`, prints. No decision is made here."""
