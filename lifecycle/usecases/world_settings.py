"""What a world's maintainers set: its title, limits below the service's, fewer wasm features.

Who may do so is asked by the faces; how the limits reach the rules stands in `limits`.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson
from django.db import transaction

from lifecycle.access.callers import SeenWorld
from lifecycle.models.teams import Subject, WorldChange, WorldSettings
from lifecycle.models.worlds import World
from lifecycle.protocol.shown import shown
from lifecycle.usecases.changes import By, Change, note_change
from lifecycle.usecases.errors import InvalidParameterError, SettingsChangedError
from lifecycle.usecases.limits import TIGHTENED, service_policy, service_wasm_policy
from lifecycle.wasm.policy import ALWAYS_ON

if TYPE_CHECKING:
    from django.db.models import QuerySet

LONGEST_TITLE: Final = 80
_MOST_DIGITS: Final = 15
_NO_LIMIT: Final = "as the service"
_NONE: Final = "none"


class Settings(NamedTuple):
    """A world's settings: only the limits that it tightens; no features where all are allowed."""

    title: str
    limits: Mapping[str, int]
    wasm_features: Sequence[str] | None


class WantedSettings(NamedTuple):
    """Settings as they are asked for; what is absent stays as it is.

    A blank limit leaves what the service allows.
    """

    title: str | None
    limits: Mapping[str, str]
    wasm_features: Sequence[str] | None


def optional_features() -> list[str]:
    """Give the features of the service that a world may refuse."""
    return sorted(service_wasm_policy().features - ALWAYS_ON)


def get_settings(world: SeenWorld) -> Settings:
    """Give a world's settings."""
    row = WorldSettings.objects.filter(pk=world.pk).first()
    if row is None:
        return Settings("", {}, None)
    features = None if row.wasm_features is None else orjson.loads(row.wasm_features)
    return Settings(row.title, orjson.loads(row.limits), features)


def settings_version(world: SeenWorld) -> int:
    """Give what grows with each change of a world's settings: the number of the last one, or 0."""
    newest = _changes_of(world).last()
    return 0 if newest is None else newest.pk


def _changes_of(world: SeenWorld) -> "QuerySet[WorldChange]":
    rows = WorldChange.objects.filter(world_id=world.pk, subject=Subject.SETTING)
    return rows.order_by("pk")


def present_settings(world: SeenWorld) -> WantedSettings:
    """Give a world's settings as one would ask for them."""
    now = get_settings(world)
    features = optional_features() if now.wasm_features is None else now.wasm_features
    limits = {name: str(now.limits.get(name, "")) for name in TIGHTENED}
    return WantedSettings(now.title, limits, features)


def completed(world: SeenWorld, wanted: WantedSettings, made_from: int | None) -> WantedSettings:
    """Give what was asked for, and what is now where nothing else was.

    A setting that was left as it was at the version `made_from` follows what became of it since.
    """
    now = present_settings(world)
    was: dict[str, str | None] = {}
    for change in () if made_from is None else _changes_of(world).filter(pk__gt=made_from):
        was.setdefault(change.name, change.before)
    typed = _typed_words(wanted)
    left = {name for name, words in was.items() if typed.get(name) == words}
    title = now.title if wanted.title is None or "title" in left else wanted.title
    given = {name: text for name, text in wanted.limits.items() if name not in left}
    is_left = wanted.wasm_features is None or "wasm_features" in left
    features = now.wasm_features if is_left else wanted.wasm_features
    return WantedSettings(title, {**now.limits, **given}, features)


def _typed_words(wanted: WantedSettings) -> dict[str, str]:
    """Write what was asked for, acceptable or not, as the record of changes would."""
    words = {name: text.strip() or _NO_LIMIT for name, text in wanted.limits.items()}
    if wanted.title is not None:
        words["title"] = wanted.title.strip() or _NONE
    if wanted.wasm_features is not None:
        chosen = sorted(set(wanted.wasm_features))
        words["wasm_features"] = _feature_words(None if chosen == optional_features() else chosen)
    return words


def change_settings(
    world: SeenWorld, wanted: WantedSettings, by: By, *, made_from: int | None = None
) -> None:
    """Set a world's settings; each that differs from before is put on record.

    Args:
        world: The world.
        wanted: What is asked for.
        by: Who asks.
        made_from: The version that was shown to who asks; `None` asks whatever came since.

    Raises:
        InvalidParameterError: a setting is not what it must be; none is changed then.
        SettingsChangedError: somebody else changed them since; none is changed then.
    """
    with transaction.atomic():
        # The world's row as the lock: two changes at once have one order, and each its "before".
        World.objects.select_for_update().get(pk=world.pk)
        if made_from is not None and made_from != settings_version(world):
            raise SettingsChangedError
        before = get_settings(world)
        new = _wanted_over(before, wanted)
        WorldSettings.objects.update_or_create(
            pk=world.pk,
            defaults={
                "title": new.title,
                "limits": orjson.dumps(new.limits, option=orjson.OPT_SORT_KEYS).decode(),
                "wasm_features": None
                if new.wasm_features is None
                else orjson.dumps(new.wasm_features).decode(),
            },
        )
        old_words, new_words = _in_words(before), _in_words(new)
        for name in new_words:
            if old_words[name] != new_words[name]:
                change = Change(Subject.SETTING, name, old_words[name], new_words[name])
                note_change(world.pk, change, by)


def _wanted_over(before: Settings, wanted: WantedSettings) -> Settings:
    kept = {name: most for name, most in before.limits.items() if name not in wanted.limits}
    return Settings(
        before.title if wanted.title is None else _title_in(wanted.title),
        {**kept, **_limits_in(wanted.limits)},
        before.wasm_features
        if wanted.wasm_features is None
        else _features_in(wanted.wasm_features),
    )


def _title_in(text: str) -> str:
    title = text.strip()
    if len(title) > LONGEST_TITLE or not title.isprintable():
        facts = {"received": shown(title), "accepted": f"one line of at most {LONGEST_TITLE}"}
        raise InvalidParameterError("title", facts)
    return title


def _limits_in(texts: Mapping[str, str]) -> dict[str, int]:
    given = {name: texts.get(name, "").strip() for name in TIGHTENED}
    return {name: _limit_in(name, text) for name, text in given.items() if text}


def _limit_in(name: str, text: str) -> int:
    most = getattr(service_policy(), name)
    sound = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    if not sound or not 1 <= int(text) <= most:
        accepted = f"a whole number from 1 to {most}, or blank for {most}"
        raise InvalidParameterError(name, {"received": shown(text), "accepted": accepted})
    return int(text)


def _features_in(wanted: Sequence[str]) -> list[str] | None:
    optional = optional_features()
    unknown = [name for name in wanted if name not in optional]
    if unknown:
        facts = {"received": shown(unknown[0]), "accepted": ", ".join(optional)}
        raise InvalidParameterError("wasm_features", facts)
    chosen = sorted(set(wanted))
    return None if chosen == optional else chosen


def _in_words(given: Settings) -> dict[str, str]:
    words = {name: str(given.limits.get(name, _NO_LIMIT)) for name in TIGHTENED}
    words["title"] = given.title or _NONE
    words["wasm_features"] = _feature_words(given.wasm_features)
    return words


def _feature_words(features: Sequence[str] | None) -> str:
    return "all" if features is None else ", ".join(features) or _NONE
