"""What a training and its model have to tell, as tables to take away: pages of JSON, CSV, Parquet.

Free of torch. A table is a frame of polars: moments are `Datetime` in UTC, numbers are whole or
float64, so all three ways tell the same numbers to the bit.
"""
