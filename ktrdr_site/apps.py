from django.apps import AppConfig


class KtrdrSiteConfig(AppConfig):
    name = "ktrdr_site"
    verbose_name = "KTRDR"

    def ready(self) -> None:
        from ktrdr_site import checks, migrating  # noqa: F401 (the first registers them)

        migrating.connect()
