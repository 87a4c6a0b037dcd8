"""The admin: all can be searched and read; what the lifecycle owns changes by actions only."""

from operations.admin import access, checkpoints, histories, operations, users

__all__ = ["access", "checkpoints", "histories", "operations", "users"]
