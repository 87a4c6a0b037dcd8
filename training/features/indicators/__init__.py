"""Technical indicators as functions of float64 arrays; `table.INDICATORS` lists them all."""
