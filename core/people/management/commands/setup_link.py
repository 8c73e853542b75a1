"""Print the one-time link with which the first administrator sets the school up."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from core.people import operations, queries


class Command(BaseCommand):
    """`manage.py setup_link`: a new link stops the earlier one; a school that is there needs none."""

    help = "Print a link, good once and for 24 hours, that sets up the first school of this installation."

    def handle(self, *args: Any, **options: Any) -> None:
        if queries.is_set_up():
            self.stdout.write(
                f"This installation is set up. Sign in at {settings.SITE_ADDRESS}/account/login/\n"
                "Further schools: an administrator’s set-up page, or manage.py create_school."
            )
            return
        token = operations.make_set_up_link(at=timezone.now())
        self.stdout.write(
            "Set up your school here. The link works once, for 24 hours:\n"
            f"{settings.SITE_ADDRESS}/setup/{token}/\n"
            "For another link: script/manage setup_link"
        )
