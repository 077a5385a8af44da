"""The status query finds a world's unfinished and failed jobs without reading the others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0002_append_only")]

    operations = [
        migrations.AddIndex(
            model_name="compilejob",
            index=models.Index(
                fields=["world", "state", "request_seq"], name="job_of_world_by_state"
            ),
        ),
    ]
