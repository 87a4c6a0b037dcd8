"""Stored bars as people look at them: drawn as candles, listed, taken away; and who uses them."""
