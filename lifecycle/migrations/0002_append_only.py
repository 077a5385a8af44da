"""The database refuses to change or delete events and content."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from lifecycle.journal.triggers import FIRST_TABLES, create_statements, drop_statements


def create_guard(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers."""
    for statement in create_statements(editor.connection.vendor, FIRST_TABLES):
        editor.execute(statement)


def drop_guard(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Remove the triggers."""
    for statement in drop_statements(editor.connection.vendor, FIRST_TABLES):
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0001_tables")]
    operations = [migrations.RunPython(create_guard, drop_guard)]
