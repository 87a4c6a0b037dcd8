"""Rows of `OPERATION_TYPES`: the first thing a site reads, so that nothing is imported here."""

from typing import Any

JOBS = "tests.operations.family_type"
PLAIN_TYPE = {
    "queue_for": f"{JOBS}.queue_for",
    "check_resume": "tests.operations.fake_type.check_plain_resume",
    "restart_request": "tests.operations.fake_type.restart_request",
}
FAMILY_TYPES: dict[str, dict[str, Any]] = {
    "family": {
        **PLAIN_TYPE,
        "job": f"{JOBS}.run_family",
        "resumes_from": "rows",
        "parts_job": "operations.parts.run_next",
        "part_results": ("cancelled", "training_failed"),
    },
    "part": {**PLAIN_TYPE, "job": f"{JOBS}.run_part"},
}
