"""Settings of a site that runs families, one of them for as long as a slow machine needs."""

from tests.acceptance.family_site import *  # noqa: F403

FAMILY_TURN_SECONDS = 600.0
