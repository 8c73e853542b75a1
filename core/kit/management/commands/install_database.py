"""`manage.py install_database`: migrate as the owner, make the cache table, grant the app role what it needs."""

from __future__ import annotations

import os
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from core.kit.privileges import grant_app_role


class Command(BaseCommand):
    help = "Migrate, create the cache table and grant the app role its privileges. Run it as the database's owner."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        call_command("createcachetable", verbosity=0)
        role = os.environ.get("APP_DB_ROLE", "schoolsafe_app")
        grant_app_role(connection, role, apps.get_models(include_auto_created=True))
        self.stdout.write("The database is ready.")
