"""A bundle's reader from bars to decisions, with NumPy alone.

`recipe` writes into the manifest what the reader has to know of the strategy; `source` joins
`bundle_reader` and the modules here to the one file `reader.py`. They import NumPy, the standard
library and each other, and compute what `training.features` and `training.trained.prediction` do:
tests compare them bar by bar.
"""
