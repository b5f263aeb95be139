"""Commands on market data and news."""
