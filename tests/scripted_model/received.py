"""A request as it arrived, kept for the tests to look at.

Nothing here judges a request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request, whole.

    ``number`` counts the server's requests from 1; ``headers`` are in the order and spelling of
    the wire; ``document`` is the body's JSON object, empty where there is none; ``received_at``
    is in seconds of the monotonic clock, to measure the time between two requests.
    """

    number: int
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    document: Mapping[str, object]
    received_at: float

    def header(self, name: str) -> str | None:
        """Give the first header of this name, in any case of letters."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def model(self) -> str:
        """Name the model that was asked for; empty where the request names none."""
        return str(self.document.get("model", ""))

    @property
    def messages(self) -> list[dict[str, object]]:
        """Give the messages, oldest first."""
        return self._objects("messages")

    @property
    def tools(self) -> list[dict[str, object]]:
        """Give the tools that were offered."""
        return self._objects("tools")

    def last_content(self, role: str | None = None) -> str:
        """Give the text of the last message, or of the last one of a role; empty where none."""
        texts = [m.get("content") for m in self.messages if role in {None, m.get("role")}]
        return str(texts[-1]) if texts and texts[-1] is not None else ""

    def _objects(self, key: str) -> list[dict[str, object]]:
        return cast("list[dict[str, object]]", self.document.get(key, []))
