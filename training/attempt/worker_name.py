"""What the worker of this process is called, in events and logs."""

import os
import socket

from rq import get_current_job


def worker_name() -> str:
    """RQ's name of it; outside of a job, the machine and the process."""
    job = get_current_job()
    return (job.worker_name if job else "") or f"{socket.gethostname()}.{os.getpid()}"
