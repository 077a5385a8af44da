"""Which sections and entries of a prompt find room, and the messages that come of it.

Required sections stay whatever the room; the rest is taken by priority, most important first.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, get_args

from lifecycle.core.values import Value
from lifecycle.protocol.prompt_budget import TokenEstimator
from lifecycle.protocol.prompt_sections import Listed, Section
from lifecycle.protocol.prompt_templates import Role

# What chat templates put around a message, and around all of them, at most.
_AROUND_MESSAGE: Final = 8
_AROUND_ALL: Final = 4
_BETWEEN: Final = "\n\n"
# So many of the oldest entries of a history are left out at once.
_STEP: Final = 4


class Message(Value):
    """One message of a prompt, as every chat API takes it."""

    role: Role
    content: str


class _Want(NamedTuple):
    """Something that a prompt can do without: a whole section, or the entries of a list."""

    section: Section
    listed: Listed | None
    priority: int


class Fitting:
    """One prompt while its room is given away."""

    def __init__(self, sections: Sequence[Section], estimate: TokenEstimator) -> None:
        """Begin with what is required."""
        self.sections = sections
        self._estimate = estimate
        self._taken: list[tuple[str, str | None]] = []
        self.kept: dict[str, dict[str, int]] = {
            section.name: {} for section in sections if section.required
        }

    def messages(self) -> tuple[Message, ...]:
        """Write what is kept so far."""
        written: list[Message] = []
        for role in get_args(Role):
            texts = [
                section.write(self.kept[section.name])
                for section in self.sections
                if section.role == role and section.name in self.kept
            ]
            if texts:
                written.append(Message(role, _BETWEEN.join(texts)))
        return tuple(written)

    def tokens(self) -> int:
        """Estimate what is kept so far, with what a chat template puts around it."""
        counts = [self._estimate(message.content) for message in self.messages()]
        return sum(counts) + _AROUND_MESSAGE * len(counts) + _AROUND_ALL

    def fill(self, available_tokens: int) -> None:
        """Keep everything, or as much as there is room for.

        At first no list takes more than its share of the room that is left; what is left then
        goes by priority alone.
        """
        required, self.kept = self.kept, self._everything()
        if self.tokens() <= available_tokens:
            return
        self.kept = required
        wants = sorted(self._wants(), key=lambda want: -want.priority)
        for shared in (True, False):
            room = available_tokens - self.tokens()
            for want in wants:
                share = want.section.share if shared and want.listed is not None else 100
                room -= self._take(want, room * share // 100)
        # Texts can take more tokens together than apart, by some tokenizers.
        while self._taken and self.tokens() > available_tokens:
            self._give_back()
        self._settle()

    def _settle(self) -> None:
        """Let the front of what is in order of time move by steps, not with every turn.

        Servers keep the beginning that a prompt shares with the next one, which would end at the
        oldest entry if another were the oldest each time.
        """
        for section in self.sections:
            for listed in section.lists if section.oldest_first else ():
                kept = self.kept.get(section.name, {})
                left_out = len(listed.entries) - kept.get(listed.name, 0)
                fewer = len(listed.entries) - -(-left_out // _STEP) * _STEP
                if fewer > 0:
                    kept[listed.name] = fewer

    def _everything(self) -> dict[str, dict[str, int]]:
        return {
            section.name: {listed.name: len(listed.entries) for listed in section.lists}
            for section in self.sections
        }

    def _wants(self) -> list[_Want]:
        wants: list[_Want] = []
        for section in self.sections:
            if not section.required:
                wants.append(_Want(section, None, section.priority))
            for listed in section.lists:
                # The entries of a section that may be cut come after the section.
                last = listed.priority if section.required else section.priority
                wants.append(_Want(section, listed, min(last, listed.priority)))
        return wants

    def _take(self, want: _Want, limit: int) -> int:
        """Take as much of what is wanted as the limit allows; give what it costs."""
        name = want.section.name
        if want.listed is None:
            cost = self._estimate(want.section.write({}) + _BETWEEN)
            if name in self.kept or cost > limit:
                return 0
            self.kept[name] = {}
            self._taken.append((name, None))
            return cost
        return self._take_entries(name, want.listed, limit) if name in self.kept else 0

    def _take_entries(self, name: str, listed: Listed, limit: int) -> int:
        taken = 0
        counts = self.kept[name]
        for entry in listed.entries[counts.get(listed.name, 0) :]:
            cost = self._estimate(f"{entry.text},")
            if taken + cost > limit:
                break
            taken += cost
            counts[listed.name] = counts.get(listed.name, 0) + 1
            self._taken.append((name, listed.name))
        return taken

    def _give_back(self) -> None:
        name, listed = self._taken.pop()
        if listed is None:
            del self.kept[name]
        else:
            self.kept[name][listed] -= 1
