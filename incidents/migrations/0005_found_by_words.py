import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("incidents", "0004_files_that_travel"),
        ("people", "0001_initial"),  # which brings trigrams
    ]

    operations = [
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["school", "-reported_at", "-id"], name="incidents_by_report"),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["title", "reference"], name="incidents_by_words", opclasses=["gin_trgm_ops", "gin_trgm_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="incidentperson",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("name", ""), _negated=True),
                fields=["name"],
                name="incidents_person_by_name",
                opclasses=["gin_trgm_ops"],
            ),
        ),
    ]
