"""Runtime: joins engine and adapters into runs; configuration, assembly, sessions, journals, models and recovery."""
