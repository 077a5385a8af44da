"""A world knows the account that founded it; those that are there find it in their record."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def name_founders(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Name who became a maintainer by the very first change of a world: by founding it."""
    worlds = apps.get_model("lifecycle", "World")
    changes = apps.get_model("lifecycle", "WorldChange")
    for pk in worlds.objects.values_list("pk", flat=True):
        first = changes.objects.filter(world_id=pk).order_by("pk").first()
        if first is None or first.subject != "member" or first.account != first.name:
            continue
        if (first.before, first.after) == (None, "maintainer"):
            worlds.objects.filter(pk=pk).update(founded_by=first.account)


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0012_known_faults")]

    operations = [
        migrations.AddField(
            model_name="world",
            name="founded_by",
            field=models.CharField(blank=True, max_length=150, null=True),
        ),
        migrations.RunPython(name_founders, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="world",
            index=models.Index(fields=["founded_by"], name="world_of_founder"),
        ),
    ]
