"""The statements of a heartbeat, as the database is sent them."""

import re

STATEMENT = re.compile(r'(SELECT|INSERT|UPDATE|DELETE).*?"(?:operations|checkpoints)_(\w+)"')
FENCED_EVENT = ["UPDATE operation", "INSERT event"]
