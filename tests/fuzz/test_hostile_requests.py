"""Random and hostile input over the whole schema: no 5xx, every answer as described.

The requests go to a real web process. `FUZZ_SEED` repeats a run; `make fuzz` asks for more.
"""

import os
import random
from collections import Counter
from zlib import crc32

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import CHECKS, load_all_checks, not_a_server_error
from schemathesis.generation.meta import CoveragePhaseData

from tests.asking.api_description import strict_description
from tests.fuzz.scene import Scene
from tests.running.servers import ON_SQLITE

SEED = int(os.environ.get("FUZZ_SEED") or random.SystemRandom().randrange(2**32))
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES") or 1)
IS_SHORT = EXAMPLES == 1
OF_A_KIND = 2
"""A short run sends so many requests with one kind of value of one parameter, a long one all."""
sent: Counter[tuple[object, ...]] = Counter()

pytestmark = [
    pytest.mark.django_db,  # so that there is a database; the web process sees what is committed
    pytest.mark.skipif(ON_SQLITE, reason="a test's transaction locks all of SQLite"),
]

load_all_checks()
HELD = [
    not_a_server_error,
    *CHECKS.get_by_names(
        [
            "status_code_conformance",
            "content_type_conformance",
            "response_headers_conformance",
            "response_schema_conformance",
        ]
    ),
]

schema = schemathesis.openapi.from_dict(strict_description())
schema.config.seed = SEED
schema.config.phases.coverage.unexpected_methods = set()  # test_methods.py asks them all


@schema.parametrize()
@hypothesis.settings(max_examples=EXAMPLES)
def test_no_request_breaks_the_site_or_gets_an_undescribed_answer(
    case: schemathesis.Case, scene: Scene, site: str
) -> None:
    hypothesis.note(f"FUZZ_SEED={SEED} repeats this")
    if IS_SHORT and _has_been_sent(case):
        return
    scene.renew_upload()
    case.path_parameters = scene.path_parameters(case.path_parameters or {}, _number_of(case))
    case.call_and_validate(base_url=site, headers=scene.headers, checks=HELD)


def _has_been_sent(case: schemathesis.Case) -> bool:
    """Often enough for a short run; what is drawn at random is of no kind."""
    data = case.meta.phase.data
    if not isinstance(data, CoveragePhaseData):
        return False
    kind = (case.operation.label, data.parameter_location, data.parameter, data.scenario)
    sent[kind] += 1
    return sent[kind] > OF_A_KIND


def _number_of(case: schemathesis.Case) -> int:
    """The same for the same request, in every run."""
    return crc32(repr((case.path_parameters, case.query, case.body)).encode(errors="replace"))
