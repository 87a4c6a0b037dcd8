from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_save


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = "Operations"

    def ready(self) -> None:
        from operations import dispatch  # noqa: F401 (rings for families that are woken)
        from operations.access.permissions import welcome

        post_save.connect(welcome, sender=settings.AUTH_USER_MODEL, dispatch_uid="welcome")
