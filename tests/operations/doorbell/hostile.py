"""What somebody who can write to Redis would put there, by RQ's own means and by hand."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from redis import Redis
from rq import Callback, Queue, Repeat, Retry
from rq.group import Group
from rq.job import Dependency
from rq.rate_limit import RateLimit
from rq.registry import FailedJobRegistry, ScheduledJobRegistry, StartedJobRegistry
from rq.serializers import DefaultSerializer, JSONSerializer
from rq.utils import now
from rq.webhook import Webhook

RAN = "hostile code ran"
"""What it prints where it runs."""

SHELL = ("os.system", [f"echo {RAN}"])
HERE = f"{__name__}.run"

QUEUE = "rq:queue:training"
A_DAY = 86_400


def run(*args: object, **kwargs: object) -> None:
    print(RAN, flush=True)


class Unpickled:
    """Runs code when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return run, ()


def queue(redis: Redis, serializer: Any = JSONSerializer) -> Queue:
    return Queue("training", connection=redis, serializer=serializer)


@contextmanager
def listening() -> Iterator[tuple[socket.socket, str]]:
    """A port, and its address as a webhook has it. Accepts nothing by itself."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server, f"http://127.0.0.1:{server.getsockname()[1]}/"


def everything(redis: Redis, job: str, ring: tuple[str, int], webhook: str) -> None:
    """Each act once; `job` and `ring` are what the site itself would ring with."""
    for act in (
        *_calls(redis, job, ring),
        *_extras(redis, job, ring, webhook),
        *_pickles(redis, ring),
        *_by_hand(redis),
        *_registries(redis, webhook),
    ):
        act()


def _calls(redis: Redis, job: str, ring: tuple[str, int]) -> list[Callable[[], object]]:
    call = queue(redis).enqueue_call
    identifier, attempt = ring
    return [
        partial(call, *SHELL),
        partial(call, "eval", [f"print({RAN!r}, flush=True)"]),
        partial(call, "builtins.eval", [f"print({RAN!r}, flush=True)"]),
        partial(call, HERE, [identifier, attempt]),
        partial(call, job, []),
        partial(call, job, [identifier]),
        partial(call, job, [identifier, str(attempt)]),
        partial(call, job, [identifier, True]),
        partial(call, job, [identifier, attempt, 1]),
        partial(call, job, [["a list"], attempt]),
        partial(call, job, [identifier, 10**30]),
        partial(call, job, [identifier + "\0", attempt]),
        partial(call, job, [identifier, attempt], {"attempt": attempt}),
        partial(call, job, [], {"operation_id": identifier, "attempt": attempt}),
    ]


def _extras(
    redis: Redis, job: str, ring: tuple[str, int], webhook: str
) -> list[Callable[[], object]]:
    """On a call that is a ring by itself."""
    call = partial(queue(redis).enqueue_call, job, list(ring))
    asked = [Webhook(webhook, job_status="finished"), Webhook(webhook, job_status="failed")]
    other = queue(redis).enqueue_call(job, list(ring))
    return [
        partial(
            call,
            on_success=Callback(HERE),
            on_failure=Callback(HERE),
            on_stopped=Callback(HERE),
            webhooks=asked,
            meta={"any": "thing"},
            timeout=1,
        ),
        partial(call, repeat=Repeat(times=1000)),
        partial(call, retry=Retry(max=1000)),
        partial(call, depends_on=Dependency([other], allow_failure=True)),
        partial(queue(redis).enqueue_call, *SHELL, depends_on=other),
        partial(call, rate_limit=RateLimit("all", 1)),
        partial(
            Group.create(redis).enqueue_many, queue(redis), [Queue.prepare_data(job, list(ring))]
        ),
    ]


def _pickles(redis: Redis, ring: tuple[str, int]) -> list[Callable[[], object]]:
    call = queue(redis, DefaultSerializer).enqueue_call
    pickled = DefaultSerializer.dumps(Unpickled())

    def garnished() -> None:
        job = queue(redis).enqueue_call(*SHELL)
        redis.hset(job.key, mapping={"result": pickled, "meta": pickled, "exc_info": pickled})

    def bare() -> None:
        redis.hset("rq:job:pickled", "data", pickled)
        redis.rpush(QUEUE, "pickled")

    return [partial(call, HERE, [Unpickled()]), partial(call, HERE, ring), garnished, bare]


def _by_hand(redis: Redis) -> list[Callable[[], object]]:
    """Ids and records that RQ itself would not write."""
    bomb = queue(redis).serializer.dumps(["x" * 10_000_000, None, [], {}])

    def record(name: str, fields: dict[str, Any]) -> None:
        redis.hset(f"rq:job:{name}", mapping=fields)
        redis.rpush(QUEUE, name)

    return [
        partial(redis.rpush, QUEUE, b"\xff\xfe\x00"),
        partial(redis.rpush, QUEUE, ""),
        partial(redis.rpush, QUEUE, "../../etc"),
        partial(redis.rpush, QUEUE, "x" * 1_000_000),
        partial(redis.rpush, QUEUE, "nothing-is-kept-of-this-one"),
        partial(record, "garbage", {"data": b"\x00garbage", "created_at": "yesterday"}),
        partial(record, "no-data", {"status": "no status", "timeout": "soon"}),
        partial(record, "not-a-call", {"data": "[1, 2]"}),
        partial(record, "deep", {"data": "[" * 1000}),
        partial(record, "large", {"data": bomb}),
        lambda: (redis.set("rq:job:a-string", "no hash"), redis.rpush(QUEUE, "a-string")),
    ]


def _registries(redis: Redis, webhook: str) -> list[Callable[[], object]]:
    """Where RQ looks during its maintenance, and what its schedulers keep."""
    asleep = queue(redis).create_job(
        *SHELL,
        on_failure=Callback(HERE),
        webhooks=[Webhook(webhook, job_status="failed")],
    )

    def started() -> None:
        asleep.save()
        redis.hset(asleep.key, "status", "started")
        for registry in (StartedJobRegistry, FailedJobRegistry, ScheduledJobRegistry):
            redis.zadd(registry("training", connection=redis).key, {f"{asleep.id}:1": 1})
        redis.zadd("rq:ready:training", {asleep.id: 1})
        redis.rpush(f"{QUEUE}:intermediate", asleep.id, b"\xff")

    return [
        started,
        partial(queue(redis).enqueue_at, now(), *SHELL[:1], *SHELL[1]),
        partial(redis.sadd, "rq:workers", "rq:worker:none", b"\xff"),
        partial(redis.set, "rq:suspended", 1),
        partial(redis.set, "rq:clean_groups", "x", ex=A_DAY),
        partial(redis.sadd, "rq:rl-keys", b"\xff"),
    ]


def commands(redis: Redis, worker: str, job_id: str) -> None:
    """By RQ's channel of this worker."""
    for command in (
        {"command": "kill-horse"},
        {"command": "stop-job", "job_id": job_id},
        {"command": "stop-execution", "job_id": job_id, "execution_id": "1"},
        {"command": "shutdown"},
        {"command": "no such command"},
    ):
        redis.publish(f"rq:pubsub:{worker}", JSONSerializer.dumps(command))
    redis.publish(f"rq:pubsub:{worker}", b"\xff")
