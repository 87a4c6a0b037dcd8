"""`KTRDR_CHECKPOINT_STORAGE`: a directory, or an S3-compatible object storage.

Whatever an object storage has acknowledged is durable, so the same commit protocol holds: objects
first, rows after. django-storages is imported only where it is used.
"""

import os
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from ktrdr_site.environment import env_web_address, given, shown
from ktrdr_site.local.place import in_checkout

S3 = "s3"

CREDENTIALS = {
    "access_key": "AWS_ACCESS_KEY_ID",
    "secret_key": "AWS_SECRET_ACCESS_KEY",
    "security_token": "AWS_SESSION_TOKEN",
}
"""By the storage's option; what is not given, boto3 looks for elsewhere."""

CONNECT_SECONDS, READ_SECONDS = 5, 20
TRIES = 4
"""Tries of one request, with growing pauses; a save that fails all the same is tried again."""
IN_MEMORY_BYTES = 8 * 2**20
"""Bytes of an object that are read into memory; more of it waits in a temporary file."""


def storage_setting(value: str, environ: Mapping[str, str]) -> dict[str, Any]:
    """The row of `STORAGES`. Raises ImproperlyConfigured, with what is accepted."""
    if value == S3:
        return _s3(environ)
    if os.sep not in value or "://" in value:
        raise ImproperlyConfigured(
            f"{shown('KTRDR_CHECKPOINT_STORAGE', value)} is not valid: it accepts a directory, "
            f"with a / in it, or {S3}: KTRDR_S3_BUCKET and KTRDR_S3_ENDPOINT_URL say where."
        )
    return {
        "BACKEND": "checkpoints.storage.DurableFileSystemStorage",
        "OPTIONS": {"location": str(in_checkout(value))},
    }


def _s3(environ: Mapping[str, str]) -> dict[str, Any]:
    """Credentials are AWS_ACCESS_KEY_ID and its like, or boto3's own: a profile, or the machine's
    role."""
    bucket = environ.get("KTRDR_S3_BUCKET", "")
    if not bucket:
        raise ImproperlyConfigured(
            "KTRDR_S3_BUCKET is not set: KTRDR_CHECKPOINT_STORAGE=s3 needs the name of a bucket."
        )
    endpoint_url = env_web_address("KTRDR_S3_ENDPOINT_URL", environ) or None
    credentials = {option: given(name, environ) for option, name in CREDENTIALS.items()}
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "location": environ.get("KTRDR_S3_PREFIX", ""),
            "endpoint_url": endpoint_url,
            "region_name": environ.get("AWS_DEFAULT_REGION") or None,
            "file_overwrite": True,  # a name is kept as it is given: the rows refer to it
            "querystring_auth": True,
            "max_memory_size": IN_MEMORY_BYTES,
            **{option: value for option, value in credentials.items() if value},
            "client_config": _client_config(path_style=endpoint_url is not None),
        },
    }


def _client_config(*, path_style: bool) -> Any:
    """A server of one's own rarely has a host name per bucket."""
    from botocore.config import Config

    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"total_max_attempts": TRIES, "mode": "standard"},
        signature_version="s3v4",
        s3={"addressing_style": "path" if path_style else "auto"},
    )
