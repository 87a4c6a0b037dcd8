"""A search for settings: which trials there are, which of them go on, and which wins.

Every decision is a pure function of the search's request and of its trials' results in the order of
their numbers: so it is the same however many workers there were, and whatever was killed.
"""
