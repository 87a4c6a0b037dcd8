from tests.operations.fake_type import fake_type
from tests.operations.family_type import family_type

__all__ = ["fake_type", "family_type"]
