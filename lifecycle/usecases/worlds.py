"""Found worlds, and add places and agents to them."""

from typing import Final

from django.db import IntegrityError, transaction

from lifecycle.access.callers import get_any_world
from lifecycle.codec.events import GENESIS_HASH
from lifecycle.core.actions import CreateWorld, RegisterAgent, RegisterLocation
from lifecycle.core.events import Actor
from lifecycle.core.ids import AgentId, LocationId, is_id
from lifecycle.journal import store as journal
from lifecycle.journal.store import Appended, Head
from lifecycle.models.worlds import World
from lifecycle.usecases.changes import By
from lifecycle.usecases.clock import new_id, utc_now
from lifecycle.usecases.errors import MalformedIdError, RefusedError, WorldExistsError
from lifecycle.usecases.limits import policy
from lifecycle.usecases.recording import Stamp, judge, record
from lifecycle.usecases.soundness import require_sound_history
from lifecycle.usecases.tokens import add_token

COMMAND: Final = "command"
_LONGEST_SLUG: Final = 64
_SLUG_RULE: Final = "1 to 64 of A-Z a-z 0-9 _ -, starting with a letter or digit"


def create_world(slug: str, *, account: str | None = None, channel: str = COMMAND) -> World:
    """Found a world: its row, its journal's head, and its first event.

    Raises:
        MalformedIdError: the slug is no id, or too long for an address.
        WorldExistsError: there is a world with this slug.
    """
    require_slug(slug)
    with transaction.atomic():
        head = add_empty_world(slug, new_id(), slug)
        action = CreateWorld(head.origin_id, head.name)
        judgement = judge(head, action, policy(slug))
        record(head, judgement.state, judgement.events, _stamp(account, channel))
    return World.objects.get(pk=head.world_pk)


def add_empty_world(slug: str, origin_id: str, name: str, *, imported: bool = False) -> Head:
    """Insert a world with an empty journal and give its head, locked by the transaction.

    Raises:
        WorldExistsError: there is a world with this slug.
    """
    now = utc_now()
    try:
        with transaction.atomic():
            world = World.objects.create(
                slug=slug,
                origin_id=origin_id,
                name=name,
                created_at=now,
                imported_at=now if imported else None,
            )
    except IntegrityError as error:
        raise WorldExistsError(slug) from error
    journal.create_head(world.pk, GENESIS_HASH)
    return journal.lock_head(slug)


def add_location(
    slug: str, location_id: str, *, account: str | None = None, channel: str = COMMAND
) -> Appended:
    """Add a place to a world.

    Raises:
        WorldNotFoundError: no such world.
        MalformedIdError: the id breaks the grammar.
        RefusedError: the rules refuse, with the rejection.
        WorldBrokenError: the world's history is known to be broken.
    """
    _require_id("location_id", location_id)
    return _found(slug, RegisterLocation(LocationId(location_id)), _stamp(account, channel))


def add_agent(
    slug: str,
    agent_id: str,
    *,
    at: str | None = None,
    account: str | None = None,
    channel: str = COMMAND,
) -> str:
    """Add an agent to a world and give its token, the only time it can be seen.

    Raises:
        WorldNotFoundError: no such world.
        MalformedIdError: an id breaks the grammar.
        RefusedError: the rules refuse, with the rejection.
        WorldBrokenError: the world's history is known to be broken.
    """
    _require_id("agent_id", agent_id)
    if at is not None:
        _require_id("location_id", at)
    place = None if at is None else LocationId(at)
    with transaction.atomic():
        _found(slug, RegisterAgent(AgentId(agent_id), place), _stamp(account, channel))
        return add_token(get_any_world(slug), agent_id, By(account, channel)).token


def _found(slug: str, action: RegisterLocation | RegisterAgent, stamp: Stamp) -> Appended:
    with transaction.atomic():
        head = journal.lock_head(slug)
        require_sound_history(head)
        judgement = judge(head, action, policy(slug))
        if judgement.rejection is not None:
            raise RefusedError(judgement.rejection)
        return record(head, judgement.state, judgement.events, stamp)[0]


def _stamp(account: str | None, channel: str) -> Stamp:
    return Stamp(None, Actor(account, None, channel), utc_now())


def require_slug(slug: str) -> None:
    """Refuse what cannot be a world's place in an address: an id of at most 64, without dots.

    Raises:
        MalformedIdError: the slug is none.
    """
    if not is_id(slug) or len(slug) > _LONGEST_SLUG or "." in slug:
        raise MalformedIdError("world", slug, _SLUG_RULE)


def _require_id(field: str, text: str) -> None:
    if not is_id(text):
        raise MalformedIdError(field, text)
