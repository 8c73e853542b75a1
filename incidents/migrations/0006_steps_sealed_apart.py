from django.db import migrations, models

import core.kit.fields


class Migration(migrations.Migration):
    """What a step of a transfer says is sealed for that step alone; the table is new, and nothing stands in it yet."""

    dependencies = [
        ("incidents", "0005_found_by_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="transferevent",
            name="uid",
            field=models.UUIDField(default=core.kit.fields.new_uid, editable=False, unique=True),
        ),
    ]
