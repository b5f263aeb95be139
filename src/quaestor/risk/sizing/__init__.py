"""Sizing: the size of a position of full strength. Each sizer gives a notional; the smallest one holds."""
