"""The tables as of the first release."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CompileCacheEntry",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("wasm_hash", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "compile cache entries",
            },
        ),
        migrations.CreateModel(
            name="Content",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("size_bytes", models.BigIntegerField()),
                ("compressed", models.BinaryField()),
            ],
            options={
                "verbose_name_plural": "content",
            },
        ),
        migrations.CreateModel(
            name="World",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=64, unique=True)),
                ("origin_id", models.CharField(max_length=36)),
                ("name", models.CharField(max_length=200)),
                ("created_at", models.DateTimeField()),
                ("imported_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["slug"],
            },
        ),
        migrations.CreateModel(
            name="ModuleInspection",
            fields=[
                ("wasm_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("inspection", models.TextField()),
            ],
            options={
                "ordering": ["wasm_hash"],
            },
        ),
        migrations.CreateModel(
            name="ToolchainReport",
            fields=[
                ("name", models.CharField(max_length=16, primary_key=True, serialize=False)),
                ("available", models.BooleanField()),
                ("version", models.CharField(max_length=200)),
                ("problem", models.TextField(blank=True)),
                ("install_hint", models.TextField(blank=True)),
                ("reported_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="JournalHead",
            fields=[
                (
                    "world",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="lifecycle.world",
                    ),
                ),
                ("seq", models.BigIntegerField()),
                ("hash", models.CharField(max_length=64)),
                ("tick", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="JournalEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.BigIntegerField()),
                ("tick", models.BigIntegerField()),
                ("kind", models.CharField(max_length=40)),
                ("decision_id", models.CharField(blank=True, max_length=36, null=True)),
                ("recorded_at", models.CharField(max_length=27)),
                ("prev_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
                ("body", models.TextField()),
                (
                    "world",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="lifecycle.world",
                    ),
                ),
            ],
            options={
                "ordering": ["world", "seq"],
                "constraints": [
                    models.UniqueConstraint(fields=("world", "seq"), name="event_place_once"),
                    models.UniqueConstraint(
                        fields=("world", "prev_hash"), name="event_follower_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InstalledModule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("module_id", models.CharField(max_length=128)),
                ("module_version", models.CharField(max_length=200)),
                ("wasm_hash", models.CharField(max_length=64)),
                ("installer_agent_id", models.CharField(max_length=128)),
                ("install_target", models.CharField(max_length=32)),
                ("active", models.BooleanField()),
                ("installed_at_tick", models.BigIntegerField()),
                ("installed_seq", models.BigIntegerField()),
                (
                    "world",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="lifecycle.world",
                    ),
                ),
            ],
            options={
                "ordering": ["world", "-installed_seq"],
                "indexes": [
                    models.Index(fields=["world", "-installed_seq"], name="module_newest"),
                    models.Index(fields=["world", "wasm_hash"], name="module_by_artifact"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("world", "module_id"), name="module_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("decision_id", models.CharField(max_length=36)),
                ("agent_id", models.CharField(max_length=128)),
                ("account", models.CharField(blank=True, max_length=150, null=True)),
                ("channel", models.CharField(max_length=16)),
                ("submitted_at", models.CharField(max_length=27)),
                ("idempotency_key", models.CharField(blank=True, max_length=255, null=True)),
                ("body_digest", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("applied", "Applied"),
                            ("compiling", "Compiling"),
                            ("rejected", "Rejected"),
                            ("unchanged", "Unchanged"),
                            ("malformed", "Malformed"),
                        ],
                        max_length=16,
                    ),
                ),
                ("arguments", models.TextField()),
                ("repairs", models.TextField()),
                ("rejection", models.TextField(blank=True, null=True)),
                ("raw_reply", models.TextField(blank=True, null=True)),
                ("first_seq", models.BigIntegerField(blank=True, null=True)),
                ("last_seq", models.BigIntegerField(blank=True, null=True)),
                ("outcome_seq", models.BigIntegerField(blank=True, null=True)),
                (
                    "world",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="lifecycle.world",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["world", "id"], name="decision_of_world"),
                    models.Index(fields=["world", "agent_id", "id"], name="decision_of_agent"),
                    models.Index(fields=["world", "status", "id"], name="decision_by_status"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("decision_id", "world"), name="decision_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("idempotency_key__isnull", False)),
                        fields=("world", "agent_id", "idempotency_key"),
                        name="decision_key_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CompileJob",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("request_seq", models.BigIntegerField()),
                ("decision_id", models.CharField(max_length=36)),
                ("publisher_agent_id", models.CharField(max_length=128)),
                ("module_id", models.CharField(max_length=128)),
                ("manifest_path", models.CharField(max_length=512)),
                ("toolchain", models.CharField(max_length=16)),
                ("source_digest", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                        max_length=16,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("lease_token", models.CharField(blank=True, max_length=36, null=True)),
                ("lease_expires_at", models.DateTimeField(blank=True, null=True)),
                ("requested_at", models.DateTimeField()),
                ("enqueued_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("failure_code", models.CharField(blank=True, max_length=64, null=True)),
                ("diagnostics_digest", models.CharField(blank=True, max_length=64, null=True)),
                ("wasm_hash", models.CharField(blank=True, max_length=64, null=True)),
                ("from_cache", models.BooleanField(default=False)),
                (
                    "world",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="lifecycle.world",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["queued", "running"])),
                        fields=["world", "publisher_agent_id"],
                        name="job_unfinished",
                    ),
                    models.Index(fields=["state", "id"], name="job_by_state"),
                    models.Index(
                        fields=["world", "state", "request_seq"], name="job_of_world_by_state"
                    ),
                    models.Index(
                        fields=["world", "source_digest", "request_seq"], name="job_by_source"
                    ),
                    models.Index(fields=["started_at"], name="job_last_started"),
                    models.Index(fields=["finished_at"], name="job_last_finished"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("world", "request_seq"), name="job_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Artifact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("wasm_hash", models.CharField(max_length=64)),
                ("publisher_agent_id", models.CharField(max_length=128)),
                ("bytes_len", models.BigIntegerField()),
                ("module_id_hint", models.CharField(blank=True, max_length=128, null=True)),
                ("deployed_at_tick", models.BigIntegerField()),
                ("deployed_seq", models.BigIntegerField()),
                (
                    "world",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="lifecycle.world",
                    ),
                ),
            ],
            options={
                "ordering": ["world", "-deployed_seq"],
                "indexes": [
                    models.Index(fields=["world", "-deployed_seq"], name="artifact_newest"),
                    models.Index(fields=["world", "module_id_hint"], name="artifact_by_hint"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("world", "wasm_hash"), name="artifact_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="AgentToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("agent_id", models.CharField(max_length=128)),
                ("prefix", models.CharField(max_length=16)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                (
                    "world",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tokens",
                        to="lifecycle.world",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["world", "agent_id"], name="token_of_agent")],
            },
        ),
        migrations.CreateModel(
            name="Agent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("agent_id", models.CharField(max_length=128)),
                ("location_id", models.CharField(blank=True, max_length=128, null=True)),
                ("registered_at_tick", models.BigIntegerField()),
                (
                    "world",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="lifecycle.world",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("world", "agent_id"), name="agent_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Location",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("location_id", models.CharField(max_length=128)),
                ("registered_at_tick", models.BigIntegerField()),
                (
                    "world",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="lifecycle.world",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("world", "location_id"), name="location_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("auditor", "Auditor"),
                            ("viewer", "Viewer"),
                            ("operator", "Operator"),
                            ("maintainer", "Maintainer"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "world",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="lifecycle.world",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("world", "account"), name="membership_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="ModuleVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("module_id", models.CharField(max_length=128)),
                ("module_version", models.CharField(max_length=200)),
                ("wasm_hash", models.CharField(max_length=64)),
                (
                    "world",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="lifecycle.world",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(fields=["world", "wasm_hash"], name="module_version_by_artifact")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("world", "module_id", "module_version"), name="module_version_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("wasm_hash", models.CharField(max_length=64)),
                ("agent_id", models.CharField(max_length=128)),
                ("seq", models.BigIntegerField()),
                ("tick", models.BigIntegerField()),
                (
                    "world",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="lifecycle.world",
                    ),
                ),
            ],
            options={
                "ordering": ["world", "seq"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("world", "wasm_hash", "agent_id"), name="publication_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StateSnapshot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.BigIntegerField()),
                ("event_hash", models.CharField(max_length=64)),
                ("schema", models.PositiveIntegerField()),
                ("compressed", models.BinaryField()),
                (
                    "world",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="lifecycle.world",
                    ),
                ),
            ],
            options={
                "ordering": ["world", "seq"],
                "constraints": [
                    models.UniqueConstraint(fields=("world", "seq"), name="snapshot_once")
                ],
            },
        ),
    ]
