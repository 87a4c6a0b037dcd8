from tests.commands import manage

__all__ = ["manage"]
