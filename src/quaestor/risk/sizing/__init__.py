"""Sizing: how large a position of full strength would be. Each sizer names a notional; the smallest one holds."""
