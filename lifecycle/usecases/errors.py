"""What can go wrong with a use case besides a refusal by the rules; each has a public code."""

from typing import ClassVar

from lifecycle.core.ids import ID_RULE
from lifecycle.core.rejections import Rejection, record_of
from lifecycle.core.values import JsonObject
from lifecycle.protocol.shown import shown


class UseCaseError(Exception):
    """A request that cannot be served; `code`, `field` and `facts` are what the caller is told."""

    code: ClassVar[str] = "internal_error"

    def __init__(self, field: str | None = None, facts: JsonObject | None = None) -> None:
        """Keep the field and the facts."""
        super().__init__(self.code)
        self.field = field
        self.facts: JsonObject = facts or {}


class WorldExistsError(UseCaseError):
    """There is a world with this slug."""

    code = "world_exists"

    def __init__(self, slug: str) -> None:
        """Keep the slug."""
        super().__init__("world", {"world_id": slug})


class MalformedIdError(UseCaseError):
    """An id breaks the grammar."""

    code = "invalid_id"

    def __init__(self, field: str, received: str, accepted: str = ID_RULE) -> None:
        """Keep the field, the text and the rule."""
        super().__init__(field, {"received": shown(received), "accepted": accepted})


class ActingForAnotherError(UseCaseError):
    """A token names another agent than its own, or an account may not act for the agent."""

    code = "acting_for_another"


class KeyReusedError(UseCaseError):
    """An idempotency key came again with another body."""

    code = "idempotency_key_reused"


class InvalidKeyError(UseCaseError):
    """An idempotency key is not one that can be stored and compared exactly."""

    code = "invalid_idempotency_key"


class WorldBrokenError(UseCaseError):
    """A check found the world's history broken, and no whole check has found it sound since."""

    code = "world_broken"


class NotFoundError(UseCaseError):
    """Nothing with this id, or nothing that the caller may see."""

    code = "not_found"


class InvalidParameterError(UseCaseError):
    """A parameter of a query is not what it must be."""

    code = "invalid_parameter"


class TooManyRebuildsError(UseCaseError):
    """As many artifacts of the world are being rebuilt as may be at once."""

    code = "rate_limited"


class BusyError(UseCaseError):
    """As much of this is under way as is taken at once."""

    code = "busy"


class RunExistsError(UseCaseError):
    """The agent has a run that has not ended."""

    code = "run_exists"


class ModelNotOfferedError(UseCaseError):
    """The operator offers no model of this name."""

    code = "model_not_offered"


class RateLimitedError(UseCaseError):
    """Too many requests of one kind came from one place, account or agent."""

    code = "rate_limited"

    @property
    def retry_after_seconds(self) -> int:
        """Give after how long there is one more."""
        seconds = self.facts.get("retry_after_seconds", 1)
        return seconds if isinstance(seconds, int) else 1


class LastMaintainerError(UseCaseError):
    """The world would be left without a maintainer."""

    code = "last_maintainer"


class TooManyWorldsError(UseCaseError):
    """The account has founded as many worlds as it may."""

    code = "too_many_worlds"


class SettingsChangedError(UseCaseError):
    """The settings were changed since what is sent was made from them."""

    code = "settings_changed"


class AlreadyMemberError(UseCaseError):
    """The account has a role in the world already."""

    code = "already_member"


class InvitationError(UseCaseError):
    """An invitation by which nobody can join; here, one that there never was."""

    code = "invitation_unknown"


class InvitationUsedError(InvitationError):
    """Somebody joined by the invitation."""

    code = "invitation_used"


class InvitationRevokedError(InvitationError):
    """A maintainer revoked the invitation."""

    code = "invitation_revoked"


class InvitationExpiredError(InvitationError):
    """The invitation's time is over."""

    code = "invitation_expired"


class TooManyDraftsError(UseCaseError):
    """The account has as many drafts in the world as are kept."""

    code = "too_many_drafts"


class DraftTooLargeError(UseCaseError):
    """A draft is larger than is kept."""

    code = "draft_too_large"


class RefusedError(Exception):
    """The rules refuse an operator's action; the rejection says why."""

    def __init__(self, rejection: Rejection) -> None:
        """Keep the rejection in its stored form."""
        super().__init__(rejection.code)
        self.record = record_of(rejection)
