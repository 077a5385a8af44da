"""The time and new ids: the one place that asks for either."""

import uuid
from datetime import UTC, datetime

from lifecycle.core.ids import DecisionId


def utc_now() -> datetime:
    """Give the time, aware, in UTC."""
    return datetime.now(UTC)


def utc_text(moment: datetime) -> str:
    """Give a moment as the journal stores it: RFC 3339 UTC with microseconds."""
    return moment.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def new_id() -> str:
    """Give a new random id."""
    return str(uuid.uuid4())


def new_decision_id() -> DecisionId:
    """Give a new decision's id."""
    return DecisionId(new_id())
