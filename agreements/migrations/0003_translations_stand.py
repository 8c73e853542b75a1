"""What a published version says in another language stands from the moment somebody checked it; so does what is read
with it, from its publication (AGR-01)."""

from __future__ import annotations

from django.db import migrations

from core.kit.migrations import frozen_with


class Migration(migrations.Migration):
    dependencies = [
        ("agreements", "0002_issue_to_many"),
    ]

    operations = [
        frozen_with(
            "agreements_translation",
            "agreements_templateversion",
            "template_version_id",
            when="p.state = 'published' AND TG_OP <> 'INSERT' AND OLD.checked_at IS NOT NULL",
        ),
        frozen_with(
            "agreements_templatereading",
            "agreements_templateversion",
            "template_version_id",
            when="p.state = 'published'",
        ),
    ]
