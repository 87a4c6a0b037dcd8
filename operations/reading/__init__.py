"""What is shown of operations, and how it is put: one home for pages, API, commands and streams.

Nothing here writes but `attempt_logs`, where the text that is shown is kept.
"""
