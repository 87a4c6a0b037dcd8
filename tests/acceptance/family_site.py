"""Settings of a site that runs families without a training."""

from ktrdr_site import settings as _settings
from ktrdr_site.settings import *  # noqa: F403
from tests.operations.family_types import FAMILY_TYPES

OPERATION_TYPES = {**_settings.OPERATION_TYPES, **FAMILY_TYPES}
