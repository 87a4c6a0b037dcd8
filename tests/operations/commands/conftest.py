from tests.asking.commands import manage

__all__ = ["manage"]
