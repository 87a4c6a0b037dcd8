"""One address per deployment is told when an operation ends, as Standard Webhooks 1.0 describes.

The message is written in the transaction that ends the operation (`outbox`) and sent by the sweeper
(`delivery`): at least once, and none for what ended before an address was configured.
"""
