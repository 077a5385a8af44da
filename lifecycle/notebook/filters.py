"""The template filters of the notebook. They give text; only `moment` gives markup, of its own."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser, User
from django.template import Library
from django.utils.html import format_html
from django.utils.safestring import SafeString

from lifecycle.access.roles import audited_worlds, is_auditor
from lifecycle.journal.store import Head
from lifecycle.notebook import wording
from lifecycle.protocol.wording import Wording, describe
from lifecycle.usecases.errors import WorldBrokenError
from lifecycle.usecases.soundness import fault_facts

_MOST_LINES: Final = 2000

register = Library()
register.filter("asked", wording.asked)
register.filter("given_in_field", wording.given_in_field)
register.filter("happened", wording.happened)
register.filter("short_hash", wording.short_hash)


@register.filter
def moment(value: datetime | str | None) -> SafeString | str:
    """Show a time to the second, in UTC, with the exact time behind it."""
    if not value:
        return ""
    exact = datetime.fromisoformat(value) if isinstance(value, str) else value
    exact = exact.astimezone(UTC)
    return format_html(
        '<time datetime="{}">{}</time>', exact.isoformat(), f"{exact:%Y-%m-%d %H:%M:%S} UTC"
    )


@register.filter
def audits(account: User | AnonymousUser) -> bool:
    """Say whether an account may open the audit."""
    return is_auditor(account)


@register.filter
def audits_world(account: User | AnonymousUser, world_pk: int) -> bool:
    """Say whether an account may open a world's page in the audit."""
    return is_auditor(account) and (
        account.is_superuser or audited_worlds(account).filter(pk=world_pk).exists()
    )


@register.filter
def why_closed(head: Head) -> Wording:
    """Say what is known to be wrong with a world's history, as a refused decision is told."""
    facts = fault_facts(head.slug, head.fault_seq, head.fault_code or "")
    return describe(WorldBrokenError.code, None, facts)


@register.filter
def pretty(value: Any) -> str:  # noqa: ANN401 - any JSON
    """Show JSON indented."""
    return json.dumps(value, indent=2, ensure_ascii=False)


@register.filter
def entries(files: Mapping[str, str]) -> list[tuple[str, str]]:
    """Give paths with their texts; in a template, `files.items` would be the file of that name."""
    return list(files.items())


@register.filter
def lines(text: str) -> list[str]:
    """Split a source text as its compiler counts lines; of a very long one, only the first."""
    return text.removesuffix("\n").split("\n", _MOST_LINES)[:_MOST_LINES]


@register.filter
def first_lines(text: str) -> str:
    """Give a source text up to where `lines` cuts it."""
    return "\n".join(lines(text))


@register.filter
def hidden_lines(text: str) -> int:
    """Count the lines that `lines` leaves out."""
    return max(0, text.removesuffix("\n").count("\n") + 1 - _MOST_LINES)


@register.filter
def signature(extern: dict[str, Any]) -> str:
    """Give the type of an import or export in one line, near to the text format."""
    kind, told = extern["kind"], extern["type"]
    match kind:
        case "function":
            return (
                f"({', '.join(told['params'])}) \N{RIGHTWARDS ARROW} ({', '.join(told['results'])})"
            )
        case "memory":
            return memory(told)
        case "table":
            return f"{_bounds(told['minimum'], told['maximum'])} of {told['element']}"
        case "global":
            return f"{'mutable ' if told['mutable'] else ''}{told['value']}"
        case _:
            return f"({', '.join(told['carries'])})"


@register.filter
def memory(told: dict[str, Any]) -> str:
    """Give a memory's limits in pages and their size."""
    pages = _bounds(told["minimum_pages"], told["maximum_pages"])
    shared = ", shared" if told["shared"] else ""
    return f"{pages} pages of {told['page_size_bytes']} bytes{shared}"


def _bounds(minimum: int, maximum: int | None) -> str:
    return f"{minimum} or more" if maximum is None else f"{minimum} to {maximum}"
