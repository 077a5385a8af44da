"""What the settings must be before a server or a worker starts. Django's system checks.

What the database must be stands in `journal.checks`.
"""

import ipaddress
from collections.abc import Sequence
from typing import Any, Final

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's own

from lifecycle.sandbox.runner import sandbox_status
from lifecycle.usecases.compilers import toolchain_config
from lifecycle.usecases.run_requests import URL_RULE, unusable_offers

TAG: Final = "worldsim"
_SHORTEST_KEY: Final = 32
_NO_SANDBOX_HINT: Final = "Let this user make user namespaces, or run the worker elsewhere."
_BROKERS: Final = ("orm", "redis")


@register(TAG)
def check_queue(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """See that the queue gives no running task out again, and that it is one we know."""
    del app_configs
    queue = settings.Q_CLUSTER
    others = queue.get("ALT_CLUSTERS", {})
    faults = queue_faults(queue)
    for name in sorted(others):
        faults += [
            fault for fault in queue_faults({**queue, **others[name]}) if fault not in faults
        ]
    return faults


def queue_faults(queue: dict[str, Any]) -> list[CheckMessage]:
    """Name what is wrong with django-q2's settings."""
    faults: list[CheckMessage] = []
    timeout, retry = queue.get("timeout"), queue.get("retry")
    if not timeout or not retry or retry <= timeout:
        faults.append(
            Error(
                f"The queue's retry ({retry}) must be longer than its timeout ({timeout}), or it "
                "gives out tasks that still run.",
                hint="Set Q_CLUSTER's timeout, and its retry above it.",
                id="worldsim.E001",
            )
        )
    if not queue.get("max_attempts"):
        faults.append(
            Error(
                "The queue's max_attempts is not set: a task that kills its process would be given "
                "out for ever.",
                hint='Set Q_CLUSTER["max_attempts"] to 1; the job rows count the attempts.',
                id="worldsim.E002",
            )
        )
    if sum(bool(queue.get(broker)) for broker in _BROKERS) != 1:
        faults.append(
            Error(
                "The queue needs exactly one broker: the database (orm) or Redis.",
                hint="Set REDIS_URL for Redis, or leave it empty for the database.",
                id="worldsim.E003",
            )
        )
    return faults


@register(TAG)
def check_sandbox(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """See that programs can be contained here; without it nothing is compiled."""
    del app_configs
    status = sandbox_status(toolchain_config().sandbox)
    if status.available:
        return []
    if toolchain_config().sandbox.allow_unsandboxed:
        return [
            Warning(
                "Compiles run outside of a sandbox: their authors can do what this user can.",
                hint="Unset WORLDSIM_ALLOW_UNSANDBOXED unless you trust every author.",
                id="worldsim.W005",
            )
        ]
    return [
        Warning(
            f"There is no sandbox here, so nothing will be compiled: {status.problem}.",
            hint=status.install_hint or _NO_SANDBOX_HINT,
            id="worldsim.W004",
        )
    ]


@register(TAG)
def check_secret_key(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """See that the key is not one that others can guess."""
    del app_configs
    key = settings.SECRET_KEY
    if len(key) >= _SHORTEST_KEY and not key.startswith("django-insecure"):
        return []
    return [
        Error(
            f"WORLDSIM_SECRET_KEY is a default or has fewer than {_SHORTEST_KEY} characters.",
            hint="Leave it unset, and a key is made and kept under WORLDSIM_DATA.",
            id="worldsim.E006",
        )
    ]


@register(TAG)
def check_debug(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """See that debug pages, which show the settings, are for this machine alone."""
    del app_configs
    if not settings.DEBUG:
        return []
    reached_by = [settings.ENVIRONMENT.host, *settings.ALLOWED_HOSTS]
    foreign = [host for host in reached_by if not _is_local(host)]
    if not foreign:
        return []
    return [
        Error(
            f"WORLDSIM_DEBUG is on, and others can reach this server as {', '.join(foreign)}.",
            hint="Unset WORLDSIM_DEBUG, or serve on 127.0.0.1 for localhost alone.",
            id="worldsim.E007",
        )
    ]


@register(TAG)
def check_models(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:
    """See that every model that is offered can be asked."""
    del app_configs
    return [
        Error(
            f"WORLDSIM_MODELS has an entry that cannot be asked: {name or 'one without a name'}.",
            hint=f"Write NAME=BASE_URL, separated by commas; BASE_URL is {URL_RULE}. A key is "
            "given by OPENAI_API_KEY.",
            id="worldsim.E008",
        )
        for name in unusable_offers()
    ]


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
