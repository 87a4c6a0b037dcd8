"""What an operation on the database raises when the database, or the way to it, is gone."""

from django.db.utils import InterfaceError, InternalError, OperationalError

DATABASE_AWAY = (OperationalError, InterfaceError, InternalError)
"""`InternalError` is how PostgreSQL tells a session that it was ended for holding a transaction,
and with it a lock, longer than a lease."""
