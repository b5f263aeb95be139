"""The command line: parses, calls the runtime, prints. No decision is made here."""
