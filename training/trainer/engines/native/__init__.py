"""The training of perceptrons, LSTMs and GRUs as machine code, compiled by numba.

Many batches are one call from Python, each gathered, passed forward and backward, clipped and
stepped: at these sizes a framework's cost per call is many times that of its arithmetic, and a
thread that comes back to Python has to wait for those that save and report beside it.

Its bits are those of the source: no fast-math flag is set, so LLVM may neither reorder a sum nor
fuse a multiplication with an addition, whatever the CPU offers. Only `log` and powers come from
the C library; the fingerprint names it.

`train` has what is called from Python; `memory`, which does not import numba, what it is given.
"""
