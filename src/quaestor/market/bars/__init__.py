"""Series of bars: detects their interval and builds longer bars from them."""
