"""What the pages of a maintainer share: the role asked for, and refusals as a form shows them.

No page stands here.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from lifecycle.access.callers import may_maintain
from lifecycle.core.events import RejectionRecord
from lifecycle.notebook.visiting import Visit, visit
from lifecycle.usecases.changes import By
from lifecycle.usecases.errors import (
    RefusedError,
    SettingsChangedError,
    UseCaseError,
    WorldBrokenError,
)
from lifecycle.usecases.queries.documents import Document, rejection_document

# What stands in the way is not in what was sent: the same may be taken later.
_STATUS_OF: Final = {
    WorldBrokenError.code: HTTPStatus.CONFLICT,
    SettingsChangedError.code: HTTPStatus.CONFLICT,
}


def maintained(request: HttpRequest, slug: str) -> Visit:
    """Give the world of an address, to somebody who maintains it.

    Raises:
        Http404: there is none, or it is not the account's.
        PermissionDenied: the account is a member of another role.
    """
    visited = visit(request, slug)
    if not may_maintain(request.user, visited.world):
        raise PermissionDenied
    return visited


def by(request: HttpRequest) -> By:
    """Say who changes something by a page."""
    return By(request.user.get_username(), "notebook")


def status_of(refused: Document | None) -> HTTPStatus:
    """Give the status of a page with a refusal, or with none."""
    if refused is None:
        return HTTPStatus.OK
    return _STATUS_OF.get(refused["code"], HTTPStatus.UNPROCESSABLE_ENTITY)


def refusal_of(change: Callable[[], object]) -> Document | None:
    """Try a change and give why it is refused, or `None` once it is made."""
    try:
        change()
    except UseCaseError as error:
        return rejection_document(RejectionRecord(error.code, error.field, error.facts))
    except RefusedError as error:
        return rejection_document(error.record)
    return None
