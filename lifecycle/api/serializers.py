"""The shapes of answers, declared for the OpenAPI document; the use cases make the answers.

Nothing is validated with these at run time; tests hold every answer against them.
"""

from rest_framework import serializers as s

_HASH_HELP = "SHA-256 in lower-case hexadecimal."


class Problem(s.Serializer[None]):
    """An RFC 9457 problem document."""

    type = s.CharField(help_text="urn:worldsim:problem: and the code.")
    title = s.CharField()
    status = s.IntegerField()
    detail = s.CharField(help_text="What is wrong, in a sentence.")
    code = s.CharField(help_text="Stable; program against this.")
    field = s.CharField(allow_null=True, help_text="The field at fault, where there is one.")
    hint = s.CharField(help_text="What would be accepted.")
    facts = s.DictField(child=s.JSONField(), help_text="What the sentence rests on.")


class Rejection(s.Serializer[None]):
    """Why a decision was refused: stable code, words, facts."""

    code = s.CharField()
    field = s.CharField(allow_null=True)
    message = s.CharField()
    hint = s.CharField()
    facts = s.DictField(child=s.JSONField())


class DecisionEvent(s.Serializer[None]):
    """An event that a decision caused. In a dry run `seq` and `tick` are null."""

    seq = s.IntegerField(allow_null=True)
    tick = s.IntegerField(allow_null=True)
    kind = s.CharField()
    payload = s.DictField(child=s.JSONField())
    hash = s.CharField(required=False, help_text=_HASH_HELP)


class Diagnostic(s.Serializer[None]):
    """One remark of a compiler, at a place of the source package."""

    file = s.CharField(allow_null=True)
    line = s.IntegerField(allow_null=True)
    column = s.IntegerField(allow_null=True)
    severity = s.CharField()
    message = s.CharField()


class DecisionRecord(s.Serializer[None]):
    """A decision and what became of it. In a dry run `id` is null."""

    id = s.CharField(allow_null=True)
    world = s.CharField()
    agent_id = s.CharField(help_text="Empty where malformed input named nobody.")
    account = s.CharField(allow_null=True)
    channel = s.CharField()
    submitted_at = s.DateTimeField()
    decision = s.DictField(
        child=s.JSONField(), help_text="The arguments; bulk content as digest and length."
    )
    status = s.ChoiceField(["applied", "compiling", "rejected", "unchanged", "malformed"])
    events = DecisionEvent(many=True)
    rejection = Rejection(allow_null=True)
    diagnostics = Diagnostic(many=True)
    repairs = s.ListField(child=s.CharField())
    prompt_digest = s.CharField(
        allow_null=True, help_text="SHA-256 of the prompt, where a run's model decided."
    )


class DecisionProblem(Problem):
    """A problem document; about a decision that was read, it carries the decision."""

    rejection = Rejection(required=False)
    decision = DecisionRecord(required=False)


class DecisionPage(s.Serializer[None]):
    """Decisions, newest first."""

    decisions = DecisionRecord(many=True)
    next = s.CharField(allow_null=True, help_text="Give it as `before` for the next page.")


class Counts(s.Serializer[None]):
    """How much there is in a world."""

    agents = s.IntegerField()
    locations = s.IntegerField()
    artifacts = s.IntegerField()
    installed_modules = s.IntegerField()


class KnownFault(s.Serializer[None]):
    """What the last check found wrong with a world; it takes nothing new until it is whole."""

    seq = s.IntegerField(allow_null=True, help_text="Null where only tables differ.")
    code = s.CharField()
    found_at = s.DateTimeField()


class World(s.Serializer[None]):
    """A world and where its journal ends."""

    slug = s.CharField()
    world_id = s.CharField()
    name = s.CharField()
    head_seq = s.IntegerField()
    head_hash = s.CharField()
    tick = s.IntegerField()
    created_at = s.DateTimeField()
    imported_at = s.DateTimeField(allow_null=True)
    broken = KnownFault(allow_null=True)
    counts = Counts()


class WorldList(s.Serializer[None]):
    """The worlds that the caller may see."""

    worlds = World(many=True)


class NewWorld(s.Serializer[None]):
    """A world to found."""

    slug = s.CharField(help_text="1 to 64 of A-Z a-z 0-9 _ -, starting with a letter or digit.")


class Agent(s.Serializer[None]):
    """An agent of a world."""

    agent_id = s.CharField()
    location_id = s.CharField(allow_null=True)
    registered_at_tick = s.IntegerField()


class AgentPage(s.Serializer[None]):
    """Agents in the order of their ids."""

    agents = Agent(many=True)
    next = s.CharField(allow_null=True, help_text="Give it as `after` for the next page.")


class NewAgent(s.Serializer[None]):
    """An agent to add."""

    agent_id = s.CharField()
    location_id = s.CharField(required=False, allow_null=True)


class AddedAgent(s.Serializer[None]):
    """An agent just added, with its token: this is the only time it is shown."""

    agent_id = s.CharField()
    location_id = s.CharField(allow_null=True)
    token = s.CharField()


class Token(s.Serializer[None]):
    """A token of an agent, by its first characters."""

    token_id = s.IntegerField()
    prefix = s.CharField()
    valid = s.BooleanField()
    created_at = s.DateTimeField()
    issued_by = s.CharField(allow_null=True)
    last_used_at = s.DateTimeField(allow_null=True, help_text="Noted once an hour.")
    ends_at = s.DateTimeField(allow_null=True)


class TokenList(s.Serializer[None]):
    """The valid tokens of an agent, then the newest 20 that have ended."""

    tokens = Token(many=True)


class NewToken(Token):
    """A token just made: this is the only time it is shown."""

    token = s.CharField()


class Location(s.Serializer[None]):
    """A place of a world."""

    location_id = s.CharField()
    registered_at_tick = s.IntegerField()


class LocationPage(s.Serializer[None]):
    """Places in the order of their ids."""

    locations = Location(many=True)
    next = s.CharField(allow_null=True, help_text="Give it as `after` for the next page.")


class NewLocation(s.Serializer[None]):
    """A place to add."""

    location_id = s.CharField()


class EventActor(s.Serializer[None]):
    """Who caused an event."""

    account = s.CharField(allow_null=True)
    agent_id = s.CharField(allow_null=True)
    channel = s.CharField()


class Event(s.Serializer[None]):
    """An event of the journal; `hash` covers the canonical bytes of everything else in it."""

    seq = s.IntegerField()
    tick = s.IntegerField()
    kind = s.CharField()
    schema_version = s.IntegerField()
    payload = s.DictField(child=s.JSONField())
    decision_id = s.CharField(allow_null=True)
    actor = EventActor()
    recorded_at = s.DateTimeField()
    prev_hash = s.CharField()
    hash = s.CharField()


class EventPage(s.Serializer[None]):
    """Events in the order of the journal."""

    events = Event(many=True)
    next = s.IntegerField(
        allow_null=True, help_text="Give it as `after`; null at the journal's end."
    )
    head_seq = s.IntegerField()


class StateAt(s.Serializer[None]):
    """A world's state after the event at `seq`."""

    world = s.CharField()
    seq = s.IntegerField()
    head_seq = s.IntegerField()
    state_digest = s.CharField()
    state = s.DictField(child=s.JSONField())


class Fault(s.Serializer[None]):
    """The first place where a journal is not what was appended."""

    seq = s.IntegerField()
    code = s.CharField()
    reason = s.CharField()


class Verification(s.Serializer[None]):
    """What was checked, over which range, and what came out."""

    world = s.CharField()
    ok = s.BooleanField()
    from_seq = s.IntegerField()
    to_seq = s.IntegerField()
    head_seq = s.IntegerField()
    head_hash = s.CharField()
    checks = s.ListField(child=s.CharField())
    events_checked = s.IntegerField()
    fault = Fault(allow_null=True)
    state_digest = s.CharField(allow_null=True)
    projections_match = s.BooleanField(allow_null=True)
    projections_differ = s.ListField(child=s.CharField())
    checked_at = s.DateTimeField()
    duration_ms = s.IntegerField()
