"""Engine: the stages composed into the signal pipeline (data to events) and the trading loop (events to orders)."""
