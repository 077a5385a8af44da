"""Every install is a row, made of the journals' events; artifacts' rebuilds have a table too."""

import json
from itertools import islice
from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_BATCH = 500


def project_installs(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Write the installs of the journals that are there already."""
    event_model = apps.get_model("lifecycle", "JournalEvent")
    install_model = apps.get_model("lifecycle", "Install")
    events = event_model.objects.filter(kind="ModuleInstalled").order_by("pk")
    rows = events.values_list("world_id", "seq", "tick", "body").iterator()
    installs = (install_model(**columns) for columns in map(_columns, rows))
    while batch := list(islice(installs, _BATCH)):
        install_model.objects.bulk_create(batch)


def _columns(row: tuple[Any, ...]) -> dict[str, Any]:
    world_id, seq, tick, body = row
    told = json.loads(body)["payload"]
    names = ("module_id", "module_version", "wasm_hash", "installer_agent_id", "active")
    return {"world_id": world_id, "seq": seq, "tick": tick, **{name: told[name] for name in names}}


class Migration(migrations.Migration):
    dependencies = [
        ("lifecycle", "0006_decisions_by_kind"),
    ]

    operations = [
        migrations.CreateModel(
            name="Install",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seq", models.BigIntegerField()),
                ("tick", models.BigIntegerField()),
                ("module_id", models.CharField(max_length=128)),
                ("module_version", models.CharField(max_length=200)),
                ("wasm_hash", models.CharField(max_length=64)),
                ("installer_agent_id", models.CharField(max_length=128)),
                ("active", models.BooleanField()),
            ],
            options={
                "ordering": ["world", "-seq"],
            },
        ),
        migrations.CreateModel(
            name="Rebuild",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("wasm_hash", models.CharField(max_length=64)),
                ("account", models.CharField(max_length=150)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("finished", "Finished"),
                        ],
                        default="queued",
                        max_length=16,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("same", "Same"),
                            ("different", "Different"),
                            ("failed", "Failed"),
                            ("no_sources", "No Sources"),
                        ],
                        max_length=16,
                        null=True,
                    ),
                ),
                ("rebuilt_hash", models.CharField(blank=True, max_length=64, null=True)),
                ("toolchain", models.CharField(blank=True, max_length=16, null=True)),
                ("toolchain_version", models.CharField(blank=True, max_length=200, null=True)),
                ("toolchain_digest", models.CharField(blank=True, max_length=64, null=True)),
                (
                    "toolchain_digest_then",
                    models.CharField(blank=True, max_length=64, null=True),
                ),
                ("failure_code", models.CharField(blank=True, max_length=64, null=True)),
                ("failure_facts", models.TextField(blank=True, null=True)),
                ("duration_ms", models.BigIntegerField(blank=True, null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("lease_token", models.CharField(blank=True, max_length=36, null=True)),
                ("lease_expires_at", models.DateTimeField(blank=True, null=True)),
                ("requested_at", models.DateTimeField()),
                ("enqueued_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.AddField(
            model_name="compilecacheentry",
            name="diagnostics_digest",
            field=models.CharField(blank=True, max_length=64, null=True),
        ),
        migrations.AddIndex(
            model_name="compilejob",
            index=models.Index(
                fields=["world", "wasm_hash", "request_seq"], name="job_by_artifact"
            ),
        ),
        migrations.AddField(
            model_name="install",
            name="world",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, to="lifecycle.world"
            ),
        ),
        migrations.AddField(
            model_name="rebuild",
            name="world",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, to="lifecycle.world"
            ),
        ),
        migrations.AddIndex(
            model_name="install",
            index=models.Index(fields=["world", "wasm_hash", "-seq"], name="install_by_artifact"),
        ),
        migrations.AddIndex(
            model_name="install",
            index=models.Index(fields=["world", "module_id", "-seq"], name="install_by_module"),
        ),
        migrations.AddConstraint(
            model_name="install",
            constraint=models.UniqueConstraint(fields=("world", "seq"), name="install_once"),
        ),
        migrations.AddIndex(
            model_name="rebuild",
            index=models.Index(fields=["world", "wasm_hash", "-id"], name="rebuild_of_artifact"),
        ),
        migrations.AddIndex(
            model_name="rebuild",
            index=models.Index(fields=["world", "state"], name="rebuild_of_world_by_state"),
        ),
        migrations.AddIndex(
            model_name="rebuild",
            index=models.Index(fields=["state", "id"], name="rebuild_by_state"),
        ),
        migrations.AddConstraint(
            model_name="rebuild",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["queued", "running"])),
                fields=("world", "wasm_hash"),
                name="rebuild_once",
            ),
        ),
        migrations.RunPython(project_installs, migrations.RunPython.noop),
    ]
