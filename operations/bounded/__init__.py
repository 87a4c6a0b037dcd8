"""Room for work that a request waits for and that could take anything: seconds, memory, processors.

It runs in a process of its own within limits, and few at once; no other request waits for it.
"""
