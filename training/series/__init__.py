"""
Which bars of a symbol at a timeframe count: every import is a row, and none takes bars away that
something stands on. Here are rows alone; the bars are in `market_data/`.
"""
