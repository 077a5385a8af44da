"""The shapes of artifacts, modules, source packages and the status reply, for OpenAPI.

Like `serializers`, these declare and validate nothing at run time.
"""

from rest_framework import serializers as s

from lifecycle.api.serializers import Rejection


class ArtifactSummary(s.Serializer[None]):
    """An artifact as lists show it; its bytes have their own address."""

    wasm_hash = s.CharField()
    publisher_agent_id = s.CharField(help_text="The first who published these bytes.")
    owner_agent_ids = s.ListField(child=s.CharField())
    module_id_hint = s.CharField(allow_null=True)
    bytes_len = s.IntegerField()
    deployed_at_tick = s.IntegerField()
    deployed_seq = s.IntegerField()


class ArtifactPage(s.Serializer[None]):
    """Artifacts, newest first."""

    artifacts = ArtifactSummary(many=True)
    next = s.IntegerField(allow_null=True, help_text="Give it as `before` for the next page.")


class InstallTarget(s.Serializer[None]):
    """Where a module is installed."""

    type = s.CharField()


class Module(s.Serializer[None]):
    """What a module id is bound to now."""

    module_id = s.CharField()
    module_version = s.CharField()
    wasm_hash = s.CharField()
    installer_agent_id = s.CharField()
    install_target = InstallTarget()
    active = s.BooleanField()
    installed_at_tick = s.IntegerField()
    installed_seq = s.IntegerField()


class ModulePage(s.Serializer[None]):
    """Installed modules, newest first."""

    installed_modules = Module(many=True)
    next = s.IntegerField(allow_null=True, help_text="Give it as `before` for the next page.")


class Provenance(s.Serializer[None]):
    """Where compiled bytes came from."""

    request_seq = s.IntegerField()
    source_digest = s.CharField()
    toolchain = s.CharField()
    toolchain_version = s.CharField()
    toolchain_digest = s.CharField()
    flags = s.ListField(child=s.CharField())


class Publication(s.Serializer[None]):
    """An agent published these bytes; without provenance they were uploaded."""

    agent_id = s.CharField()
    seq = s.IntegerField()
    tick = s.IntegerField()
    decision_id = s.CharField(allow_null=True)
    recorded_at = s.DateTimeField(allow_null=True)
    provenance = Provenance(allow_null=True)


class ModuleVersion(s.Serializer[None]):
    """A module's version that these bytes were last installed under."""

    module_id = s.CharField()
    module_version = s.CharField()


class Artifact(ArtifactSummary):
    """An artifact with all that is known of it."""

    publications_total = s.IntegerField()
    publications = Publication(many=True)
    installed_modules_total = s.IntegerField()
    installed_modules = Module(many=True)
    module_versions = ModuleVersion(many=True)
    inspection = s.DictField(
        child=s.JSONField(), allow_null=True, help_text="What the module imports and exports."
    )


class SourceRequest(s.Serializer[None]):
    """A compile that was asked for with a source package."""

    seq = s.IntegerField()
    decision_id = s.CharField()
    publisher_agent_id = s.CharField()
    module_id = s.CharField()
    state = s.CharField()
    wasm_hash = s.CharField(allow_null=True)


class SourcePackage(s.Serializer[None]):
    """A source package as it was compiled."""

    source_digest = s.CharField()
    manifest_path = s.CharField()
    files = s.DictField(child=s.CharField())
    bytes_len = s.IntegerField()
    requests = SourceRequest(many=True)


class Compile(s.Serializer[None]):
    """A compile that waits, runs or failed; `id` is its decision's."""

    id = s.CharField()
    request_seq = s.IntegerField()
    module_id = s.CharField()
    publisher_agent_id = s.CharField()
    toolchain = s.CharField()
    state = s.ChoiceField(["queued", "running", "failed"])
    position = s.IntegerField(allow_null=True, help_text="Place in the queue; 1 is next.")
    stalled = s.BooleanField(help_text="No worker seems to be at it.")
    attempts = s.IntegerField()
    requested_at = s.DateTimeField()
    reason = s.CharField(allow_null=True, help_text="The code of a failure.")
    rejection = Rejection(allow_null=True)


class Queue(s.Serializer[None]):
    """The compile queue of all worlds together."""

    queued = s.IntegerField()
    running = s.IntegerField()
    stalled = s.BooleanField()


class WasmLimits(s.Serializer[None]):
    """The features and limits of a module's bytes."""

    features = s.ListField(child=s.CharField())
    limits = s.DictField(child=s.IntegerField())


class Toolchain(s.Serializer[None]):
    """What the workers last said of a toolchain."""

    name = s.CharField()
    available = s.BooleanField()
    version = s.CharField(allow_null=True)
    install_hint = s.CharField(allow_null=True)
    reported_at = s.DateTimeField()


class Limits(s.Serializer[None]):
    """What is allowed, under the names that refusals use."""

    max_wait_ticks = s.IntegerField()
    max_source_files = s.IntegerField()
    max_source_file_bytes = s.IntegerField()
    max_source_bytes = s.IntegerField()
    max_cargo_manifest_bytes = s.IntegerField()
    max_cargo_key_parts = s.IntegerField()
    max_wasm_bytes = s.IntegerField()
    max_pending_compiles = s.IntegerField()
    compile_timeout_seconds = s.IntegerField()
    wasm = WasmLimits()
    toolchains = Toolchain(many=True)


class Status(s.Serializer[None]):
    """The reply of module_lifecycle_status. Totals are counted after the filter, before the cut."""

    world = s.CharField()
    head_seq = s.IntegerField()
    tick = s.IntegerField()
    module_id = s.CharField(allow_null=True)
    limit_artifacts = s.IntegerField()
    limit_installed = s.IntegerField()
    artifacts_total = s.IntegerField()
    artifacts_filtered_out = s.IntegerField()
    artifacts = ArtifactSummary(many=True)
    installed_modules_total = s.IntegerField()
    installed_modules_filtered_out = s.IntegerField()
    installed_modules = Module(many=True)
    next_cursor = s.CharField(allow_null=True)
    compiles = Compile(many=True)
    queue = Queue()
    limits = Limits()
