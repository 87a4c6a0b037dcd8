"""Who is told when an operation ends: an address, as Standard Webhooks 1.0 describes, and whatever
apprise knows.

A message for each is written in the transaction that ends the operation (`outbox`) and sent by the
sweeper (`delivery`): at least once, and none for what ended before an address was configured.
"""
