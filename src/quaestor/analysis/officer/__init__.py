"""The risk officer asked: his limits, how much of each is used, and what he would say to an order."""
