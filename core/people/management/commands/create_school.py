"""Add a school to this installation from the command line, with its first administrator."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.kit.refusals import Refusal
from core.people import operations, queries
from core.people.enums import Phase
from core.people.hooks import preset_choices


class Command(BaseCommand):
    """`manage.py create_school NAME --administrator EMAIL …`: somebody known here keeps their account."""

    help = "Add a school with the rules of a preset and its first administrator, who gets an invitation by email."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the school's name")
        parser.add_argument("--administrator", required=True, metavar="EMAIL", help="who runs its accounts")
        parser.add_argument("--given-name", default="", help="of the administrator, where they are new")
        parser.add_argument("--family-name", default="", help="of the administrator, where they are new")
        parser.add_argument("--phase", action="append", choices=Phase.values, required=True, help="may be repeated")
        parser.add_argument("--preset", required=True, choices=[choice.slug for choice in preset_choices()])
        parser.add_argument("--rules-from", type=date.fromisoformat, default=None, help="a date; today if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        email = options["administrator"].lower()
        known = queries.account_of(email)
        if known is None and not (options["given_name"] and options["family_name"]):
            raise CommandError("Nobody here has this address yet: give --given-name and --family-name too.")
        try:
            school = operations.create_school(
                name=options["name"],
                phases=options["phase"],
                preset=options["preset"],
                rules_from=options["rules_from"] or timezone.localdate(now),
                demand_mfa=settings.MFA_DEMANDED,
                administrator=known
                or operations.NewPerson(
                    given_name=options["given_name"], family_name=options["family_name"], email=email
                ),
                actor=None,
                at=now,
                invite=True,
            )
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(
            f"{school.name} is at {settings.SITE_ADDRESS}/{school.slug}/. The administrator has an email."
        )
