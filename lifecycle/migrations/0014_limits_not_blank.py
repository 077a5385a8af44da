"""An operator's limit is a list or absent; a blank, which earlier versions could store, is absent."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def take_blanks_away(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Store what a blank was read as."""
    apps.get_model("lifecycle", "Membership").objects.filter(acts_for="").update(acts_for=None)


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0013_founders")]

    operations = [
        migrations.RunPython(take_blanks_away, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("acts_for", ""), _negated=True), name="limit_not_blank"
            ),
        ),
    ]
