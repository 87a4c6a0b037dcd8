from tests.training.commands.conftest import manage, redis_down

__all__ = ["manage", "redis_down"]
