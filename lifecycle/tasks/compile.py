"""The queue's entry point to compiling."""

from lifecycle.usecases.compile import run_job


def compile_package(job_pk: int) -> str:
    """Run one compile job and return how it ended.

    Delivery is at least once: a job that has ended, or that another worker holds, is left alone.
    """
    return run_job(job_pk)
