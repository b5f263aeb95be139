"""Stage 1: bars are judged for quality and built into higher timeframes, by the same kernels live and in history."""
