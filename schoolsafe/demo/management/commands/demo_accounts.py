"""`manage.py demo_accounts`: every role of every demonstration school, with the account that holds it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from schoolsafe.demo.accounts import demo_accounts
from schoolsafe.demo.guard import refuse_in_a_real_school


class Command(BaseCommand):
    help = "Print the accounts of the demonstration: school, role, name, email, password."

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_in_a_real_school()
        accounts = demo_accounts()
        if not accounts:
            self.stdout.write("There is no demonstration yet. Make it with: manage.py make_demo")
            return
        head = ("School", "Role", "Name", "Email", "Password")
        rows = [(one.school, one.label, one.name, one.email, one.password) for one in accounts]
        widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]

        def line(row: tuple[str, ...]) -> str:
            return "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()

        self.stdout.write(line(head))
        self.stdout.write(line(tuple("-" * width for width in widths)))
        school = accounts[0].school
        for account, row in zip(accounts, rows, strict=True):
            if account.school != school:
                school = account.school
                self.stdout.write("")
            self.stdout.write(line(row))
