from tests.operations.fake_type import fake_type

__all__ = ["fake_type"]
