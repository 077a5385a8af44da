"""What a run is asked to be, judged before there is one. Starting and stopping is `runs`'."""

from typing import Final, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from lifecycle.models.runs import Dialect
from lifecycle.protocol.shown import shown
from lifecycle.protocol.signs import first_unseen, signed
from lifecycle.usecases.errors import InvalidParameterError, ModelNotOfferedError

DIALECTS: Final = tuple(dialect.value for dialect in Dialect)
MOST_TURNS: Final = 100_000
LONGEST_GOAL: Final = 4000
_LONGEST_MODEL: Final = 200
_LONGEST_URL: Final = 500
URL_RULE: Final = "an http or https address without a user, a password, ? or #"


class OfferedModel(NamedTuple):
    """A model that the operator offers, and where it is asked."""

    name: str
    base_url: str


class RunRequest(NamedTuple):
    """A run to start.

    Attributes:
        world: The world's slug; the caller is known to see it.
        agent_id: The agent that the model acts for.
        model: The model's name at its server.
        base_url: Address of the server's OpenAI-compatible API, such as https://host/v1.
        dialect: How the model is asked: tools, json_schema or text.
        turns: How many turns it takes.
        goal: What it is told to strive for; may be empty.
        strict: Whether tools are published in the providers' strict form.
        account: The name of the account that starts it, where one does.
        foreground: Whether the caller takes the turns itself, and not the queue.
    """

    world: str
    agent_id: str
    model: str
    base_url: str
    dialect: str = Dialect.TOOLS.value
    turns: int = 1
    goal: str = ""
    strict: bool = False
    account: str | None = None
    foreground: bool = False


def offered_models() -> list[OfferedModel]:
    """Give the models that the operator's setting offers, in its order."""
    pairs = (item.partition("=") for item in settings.ENVIRONMENT.models.split(","))
    return [OfferedModel(name.strip(), url.strip()) for name, _, url in pairs if url.strip()]


def unusable_offers() -> list[str]:
    """Name, of what the operator's setting holds, each entry that is no model with an address."""
    items = (item.strip() for item in settings.ENVIRONMENT.models.split(","))
    pairs = [item.partition("=") for item in items if item]
    return [
        shown(name.strip())
        for name, _, url in pairs
        if not name.strip()
        or not _is_line(name.strip(), _LONGEST_MODEL)
        or not _is_address(url.strip())
    ]


def get_offered_model(name: str) -> OfferedModel:
    """Give an offered model by its name.

    Raises:
        ModelNotOfferedError: the operator offers none of this name.
    """
    offered = {model.name: model for model in offered_models()}
    if name not in offered:
        facts = {"received": shown(name), "accepted": ", ".join(offered) or "none"}
        raise ModelNotOfferedError("model", facts)
    return offered[name]


def require_sound(request: RunRequest) -> None:
    """Refuse what no run could be made of.

    Raises:
        InvalidParameterError: a field is not what it must be.
    """
    if not request.model.strip() or not _is_line(request.model, _LONGEST_MODEL):
        _refuse("model", request.model, f"1 to {_LONGEST_MODEL} printable characters")
    if not _is_address(request.base_url):
        _refuse("base_url", _without_credentials(request.base_url), URL_RULE)
    if request.dialect not in DIALECTS:
        _refuse("dialect", request.dialect, ", ".join(DIALECTS))
    if not 1 <= request.turns <= MOST_TURNS:
        _refuse("turns", str(request.turns), f"1 to {MOST_TURNS}")
    if len(request.goal) > LONGEST_GOAL:
        _refuse("goal", request.goal, f"at most {LONGEST_GOAL} characters of text")
    unseen = first_unseen(request.goal)
    if unseen is not None:
        _refuse(
            "goal",
            signed(request.goal),
            f"text without characters that are not seen; {unseen} is one",
        )


def _refuse(field: str, received: str, accepted: str) -> None:
    raise InvalidParameterError(field, {"received": shown(received), "accepted": accepted})


def _is_line(text: str, longest: int) -> bool:
    return len(text) <= longest and text.isprintable()


def _is_address(url: str) -> bool:
    if not _is_line(url, _LONGEST_URL) or any(sign in url for sign in " ?#@"):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _without_credentials(url: str) -> str:
    """Give an address to show: what stands before an @ or after a ? may be a secret."""
    return url.rpartition("@")[2].partition("?")[0]
