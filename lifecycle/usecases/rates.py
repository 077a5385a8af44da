"""What is limited in number: log-ins, passwords, codes, tokens that are none, submits.

How is `allowances`' matter. A rate whose setting is 0 is no limit.
"""

import math
import unicodedata
from typing import Final, NamedTuple

from django.conf import settings

from lifecycle.access.allowances import Rate, forget_full, give_back, take
from lifecycle.usecases.clock import utc_now
from lifecycle.usecases.errors import RateLimitedError

_LOG_IN_SECONDS: Final = 900
_CODE_SECONDS: Final = 600
_MINUTE: Final = 60
_LONGEST_NAME: Final = 150
# Whoever comes by these is limited by what submits through them.
_UNLIMITED_CHANNELS: Final = frozenset({"command", "runner"})


class Attempt(NamedTuple):
    """A log-in that is being tried, and what it was counted under until it succeeds."""

    taken: tuple[tuple[Rate, str], ...]

    def succeeded(self) -> None:
        """Count it no more: only what fails uses an allowance up."""
        for rate, of in self.taken:
            give_back(rate, of)


def begin_log_in(name: str, address: str, browser: str | None) -> Attempt:
    """Count a log-in before its password is looked at.

    A browser that has logged in to the account before is counted by itself alone: others can
    neither lock its owner out by failing for the account, nor by failing from the same address.

    Args:
        name: The account's name, as it was typed; there need be no such account.
        address: The client's address.
        browser: The id of a browser that has logged in to this account before.

    Raises:
        RateLimitedError: there were too many.
    """
    given = settings.ENVIRONMENT
    of_account = Rate("log-in of account", given.login_attempts, _LOG_IN_SECONDS)
    of_address = Rate("log-in from address", given.login_attempts_per_address, _LOG_IN_SECONDS)
    of_browser = Rate("log-in of browser", given.login_attempts, _LOG_IN_SECONDS)
    if browser is not None:
        return _take_all((of_browser, browser))
    return _take_all((of_account, plain_name(name)), (of_address, address))


def begin_password_change(account: str) -> Attempt:
    """Count a try to change a password before the present one is looked at.

    Whoever found a session open may not guess on. It is counted apart from log-ins, so that this
    locks nobody out.

    Raises:
        RateLimitedError: there were too many.
    """
    most = settings.ENVIRONMENT.login_attempts
    return _take_all((Rate("password of account", most, _LOG_IN_SECONDS), account))


def plain_name(name: str) -> str:
    """Give the one spelling that a name is counted under."""
    return unicodedata.normalize("NFKC", name[:_LONGEST_NAME]).strip().casefold()


def begin_code(address: str) -> Attempt:
    """Count a try to open an invitation, or to make an account by one.

    Raises:
        RateLimitedError: there were too many.
    """
    rate = Rate("code from address", settings.ENVIRONMENT.code_attempts, _CODE_SECONDS)
    return _take_all((rate, address))


def count_unknown_token(address: str) -> None:
    """Count a token that speaks for nobody.

    Raises:
        RateLimitedError: there were too many.
    """
    rate = Rate("token from address", settings.ENVIRONMENT.token_failures_per_minute, _MINUTE)
    _take_all((rate, address))


def count_submit(world: str, agent_id: str, account: str | None, channel: str) -> None:
    """Count a submit under who sends it: an account, or else the agent itself.

    Within the transaction of the submit: it costs no commit of its own, and what is rolled back was
    not counted.

    Raises:
        RateLimitedError: there were too many.
    """
    if channel in _UNLIMITED_CHANNELS:
        return
    given = settings.ENVIRONMENT
    if account is not None:
        rate = Rate("submit of account", given.account_submits_per_minute, _MINUTE)
        _take_all((rate, account), writes=True)
    else:
        rate = Rate("submit of agent", given.submits_per_minute, _MINUTE)
        _take_all((rate, f"{world}/{agent_id}"), writes=True)


def forget_old_counts() -> None:
    """Forget what is counted of who has not come for long."""
    forget_full(now_ms=_now_ms())


def _take_all(*wanted: tuple[Rate, str], writes: bool = False) -> Attempt:
    taken: list[tuple[Rate, str]] = []
    for rate, of in wanted:
        if not rate.most:
            continue
        waiting = take(rate, of, now_ms=_now_ms(), writes=writes)
        if waiting:
            Attempt(tuple(taken)).succeeded()
            raise RateLimitedError(None, {"retry_after_seconds": math.ceil(waiting / 1000)})
        taken.append((rate, of))
    return Attempt(tuple(taken))


def _now_ms() -> int:
    return int(utc_now().timestamp() * 1000)
