"""Commands on the risk officer."""
