"""What a world's maintainers set: its title, limits below the service's, fewer wasm features.

Who may do so is asked by the faces; how the limits reach the rules stands in `limits`.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import orjson
from django.db import transaction

from lifecycle.access.callers import SeenWorld
from lifecycle.models.teams import Subject, WorldSettings
from lifecycle.models.worlds import World
from lifecycle.protocol.shown import shown
from lifecycle.usecases.changes import By, Change, note_change
from lifecycle.usecases.errors import InvalidParameterError
from lifecycle.usecases.limits import TIGHTENED, service_policy, service_wasm_policy
from lifecycle.wasm.policy import ALWAYS_ON

LONGEST_TITLE: Final = 80
_MOST_DIGITS: Final = 15


class Settings(NamedTuple):
    """A world's settings: only the limits that it tightens; no features where all are allowed."""

    title: str
    limits: Mapping[str, int]
    wasm_features: Sequence[str] | None


class WantedSettings(NamedTuple):
    """Settings as they are asked for. A blank limit leaves what the service allows."""

    title: str
    limits: Mapping[str, str]
    wasm_features: Sequence[str]


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


def change_settings(world: SeenWorld, wanted: WantedSettings, by: By) -> None:
    """Set all of a world's settings; each that differs from before is put on record.

    Raises:
        InvalidParameterError: a setting is not what it must be; none is changed then.
    """
    new = Settings(_title_in(wanted.title), _limits_in(wanted.limits), _features_in(wanted))
    with transaction.atomic():
        # The world's row as the lock: two changes at once have one order, and each its "before".
        World.objects.select_for_update().get(pk=world.pk)
        before = get_settings(world)
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


def _features_in(wanted: WantedSettings) -> list[str] | None:
    optional = optional_features()
    unknown = [name for name in wanted.wasm_features if name not in optional]
    if unknown:
        facts = {"received": shown(unknown[0]), "accepted": ", ".join(optional)}
        raise InvalidParameterError("wasm_features", facts)
    chosen = sorted(set(wanted.wasm_features))
    return None if chosen == optional else chosen


def _in_words(given: Settings) -> dict[str, str]:
    words = {name: str(given.limits.get(name, "as the service")) for name in TIGHTENED}
    features = given.wasm_features
    words["title"] = given.title or "none"
    words["wasm_features"] = "all" if features is None else ", ".join(features) or "none"
    return words
