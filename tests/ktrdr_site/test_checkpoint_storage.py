"""`KTRDR_CHECKPOINT_STORAGE` names a directory or S3, and anything else stops the process."""

import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from ktrdr_site.checkpoint_storage import storage_setting

S3_ENVIRONMENT = {
    "KTRDR_S3_BUCKET": "ours",
    "KTRDR_S3_ENDPOINT_URL": "https://s3.example.org",
    "KTRDR_S3_PREFIX": "ktrdr",
    "AWS_DEFAULT_REGION": "eu-west-1",
}


def test_a_value_with_a_slash_is_a_directory() -> None:
    setting = storage_setting("/srv/checkpoints", {})
    assert setting["BACKEND"] == "checkpoints.storage.DurableFileSystemStorage"
    assert setting["OPTIONS"] == {"location": "/srv/checkpoints"}


def test_s3_takes_its_options_from_the_environment() -> None:
    options = storage_setting("s3", S3_ENVIRONMENT)["OPTIONS"]
    assert (options["bucket_name"], options["location"]) == ("ours", "ktrdr")
    assert options["endpoint_url"] == "https://s3.example.org"
    assert options["region_name"] == "eu-west-1"
    assert options["file_overwrite"] is True


def test_s3_without_a_bucket_says_which_variable_is_missing() -> None:
    with pytest.raises(ImproperlyConfigured, match="KTRDR_S3_BUCKET is not set"):
        storage_setting("s3", {})


def test_another_word_is_refused_with_what_is_accepted() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"accepts a directory, with a / in it, or s3"):
        storage_setting("gcs", {})


def test_the_s3_client_is_imported_only_where_it_is_used() -> None:
    code = (
        "import django, sys; django.setup();"
        "from checkpoints.storage import checkpoint_storage; checkpoint_storage();"
        "print(sorted({'boto3', 'botocore', 'storages'} & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert printed.stdout.strip() == "[]", printed.stderr
