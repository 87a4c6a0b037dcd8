from django.apps import AppConfig


class KtrdrSiteConfig(AppConfig):
    name = "ktrdr_site"
    verbose_name = "KTRDR"
