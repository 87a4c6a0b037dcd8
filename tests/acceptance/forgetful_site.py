"""Settings of a site whose resumes are wrong on purpose: they forget what the optimizer knew."""

from ktrdr_site import settings as _settings
from ktrdr_site.settings import *  # noqa: F403

OPERATION_TYPES = {
    "training": {
        **_settings.OPERATION_TYPES["training"],
        "job": "tests.acceptance.forgetful_jobs.run_training",
    }
}
