"""Market data stage: checks the quality of bars and builds higher timeframes and rows of order books.

The same kernels run live and on recorded data.
"""
