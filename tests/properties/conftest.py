from tests.operations.conftest import fake_type

__all__ = ["fake_type"]
