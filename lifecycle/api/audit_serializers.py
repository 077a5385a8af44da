"""What checks and checkpoints read back as, for the OpenAPI document. Nothing is validated here."""

from rest_framework import serializers as s

from lifecycle.api.serializers import Fault, Verification


class CheckResult(s.Serializer[None]):
    """What a check found, over which range, at which head, and when."""

    ok = s.BooleanField()
    from_seq = s.IntegerField()
    to_seq = s.IntegerField()
    head_seq = s.IntegerField()
    head_hash = s.CharField()
    checks = s.ListField(child=s.CharField())
    events_checked = s.IntegerField()
    state_digest = s.CharField(allow_null=True)
    fault = Fault(allow_null=True)
    differing_tables = s.ListField(child=s.CharField())
    checked_at = s.DateTimeField()
    duration_ms = s.IntegerField()


class Check(s.Serializer[None]):
    """A check: who asked for it, how far it is, and its result once it has ended."""

    id = s.CharField()
    account = s.CharField(allow_null=True)
    channel = s.CharField()
    asked_at = s.DateTimeField()
    from_seq = s.IntegerField()
    to_seq = s.IntegerField(allow_null=True)
    wasm_hash = s.CharField(allow_null=True)
    state = s.CharField()
    reached_seq = s.IntegerField()
    failure_code = s.CharField(allow_null=True)
    result = CheckResult(allow_null=True)


class CheckPage(s.Serializer[None]):
    """Checks, the last asked for first."""

    checks = Check(many=True)
    next = s.IntegerField(allow_null=True, help_text="Give it as `before` for the next page.")


class NewCheck(s.Serializer[None]):
    """A check to run: of one artifact, or of a range of events; of all of them when empty."""

    wasm_hash = s.CharField(required=False)
    from_seq = s.CharField(required=False, help_text="Plain digits; 1 when absent.")
    to_seq = s.CharField(required=False, help_text="Plain digits; the head when absent.")


class Checkpoint(s.Serializer[None]):
    """A signed statement of where a world's journal stood; `note` is what verifies."""

    seq = s.IntegerField()
    head_hash = s.CharField()
    state_digest = s.CharField()
    key_id = s.CharField()
    account = s.CharField(allow_null=True)
    channel = s.CharField()
    made_at = s.DateTimeField()
    note = s.CharField()


class CheckpointPage(s.Serializer[None]):
    """Checkpoints, newest first."""

    checkpoints = Checkpoint(many=True)
    next = s.IntegerField(allow_null=True, help_text="Give it as `before` for the next page.")


class CheckpointKeys(s.Serializer[None]):
    """The public keys of checkpoints, the one in use first, as verifiers of notes take them."""

    keys = s.ListField(child=s.CharField())


class NewProof(s.Serializer[None]):
    """A checkpoint to be proven, as `checkpoints/` gives it; the note alone is read."""

    note = s.CharField()


class CheckpointText(s.Serializer[None]):
    """What a checkpoint states."""

    world_id = s.CharField()
    world = s.CharField()
    seq = s.IntegerField()
    head_hash = s.CharField()
    state_digest = s.CharField()
    made_at = s.CharField()
    format = s.CharField()
    version = s.IntegerField()


class Disproof(s.Serializer[None]):
    """Why a checkpoint does not hold."""

    code = s.CharField()
    reason = s.CharField()


class Proof(s.Serializer[None]):
    """What came of a proof. `report` is null where the checkpoint alone decides."""

    ok = s.BooleanField()
    checkpoint = CheckpointText(allow_null=True)
    key = s.CharField(allow_null=True)
    disproof = Disproof(allow_null=True)
    report = Verification(allow_null=True)
