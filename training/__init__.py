"""Trainings: the one type of operation there is, from a strategy's text to a model that predicts.

`strategy` is the grammar, `market_data` the bars, `features` makes inputs of both. `launch` starts
one and takes it up again; `jobs` is a worker's door, `attempt` what surrounds one run of it, and
`trainer` trains, the same bytes however often interrupted. `evaluation` and `trained` are what
comes out. Only the worker's side loads torch.
"""
