from django.apps import AppConfig


class KtrdrSiteConfig(AppConfig):
    name = "ktrdr_site"
    verbose_name = "KTRDR"

    def ready(self) -> None:
        from ktrdr_site import checks  # noqa: F401 (registers them)
