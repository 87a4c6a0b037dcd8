"""Saved states of running work: bytes first, then rows, and none of either without the other.

`store` is the way in: stage files durably (`staging`), commit their rows, read them back verified
(`reading`). `retention` deletes what is superfluous, `files` is all that is asked of a storage, and
`storage` is the one on a disk, with its fsyncs. Knows nothing of what the states are of.
"""
