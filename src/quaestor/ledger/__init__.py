"""Integer accounting: codes, typed rows, the ledger, the order table and fills."""
