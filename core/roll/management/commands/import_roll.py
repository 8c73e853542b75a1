"""Brings lists in from the command line: a dry-run report, and with --apply the import itself, without a worker."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django_scopes import scope

from core.kit.refusals import Refusal
from core.roll import operations, queries
from core.roll.enums import FileKind, ImportState
from core.roll.models import RollImport


class Command(BaseCommand):
    """`manage.py import_roll SCHOOL FILE… [--apply] [--as EMAIL]`."""

    help = "Report what CSV lists of pupils, contacts and staff would change on a school's roll; --apply changes it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("school", help="the school's short name, as in its address")
        parser.add_argument("files", nargs="+", type=Path, help="CSV files, at most one of each kind of list")
        parser.add_argument("--apply", action="store_true", help="apply the lists after the report")
        parser.add_argument("--as", dest="email", default="", help="whose name the import is in (an account's address)")
        parser.add_argument("--on", type=date.fromisoformat, help="from which day, as 2026-09-01 (today)")
        parser.add_argument(
            "--without-problem-rows", action="store_true", help="go ahead although rows with problems stay out"
        )
        parser.add_argument("--close-leavers", action="store_true", help="close everybody who is not in the lists")

    def handle(self, *args: Any, **options: Any) -> None:
        school = queries.school_called(options["school"])
        if school is None:
            raise CommandError(f"There is no school called {options['school']}.")
        actor = queries.account_called(options["email"]) if options["email"] else None
        if options["email"] and actor is None:
            raise CommandError("There is no account with that address.")
        try:
            sent = [operations.Sent(path.name, path.read_bytes()) for path in options["files"]]
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        with scope(school=school):
            try:
                found = operations.upload_roll(
                    school=school, actor=actor, at=timezone.now(), files=sent, effective_on=options["on"]
                )
                self.report(found)
                if options["apply"]:
                    self.apply(found, options)
                else:
                    operations.cancel_roll(school=school, actor=actor, at=timezone.now(), roll_import=found)
                    self.stdout.write("Nothing was changed. Add --apply to apply it.")
            except Refusal as refusal:
                raise CommandError(refusal.message) from refusal

    def report(self, found: RollImport) -> None:
        """Counts by list, then every problem with its row."""
        if found.state != ImportState.PREVIEWED:
            for sentence in queries.missing_columns(queries.files_of(found)):
                self.stdout.write(sentence)
            raise CommandError(
                "The columns are not clear. Upload the file on the Roll import page and match them there."
            )
        for kind in FileKind:
            counts = found.summary.get(kind.value)
            if counts:
                self.stdout.write(
                    f"{kind.label}: {counts.get('add', 0):,} new, {counts.get('same', 0):,} same, "
                    f"{counts.get('change', 0):,} changed, {counts.get('left', 0):,} not in file (kept), "
                    f"{counts.get('problems', 0):,} rows with problems"
                )
        forms = found.summary.get("forms", {})
        self.stdout.write(f"Forms: {forms.get('add', 0):,} new, {forms.get('change', 0):,} changed")
        for job in found.summary.get("jobs", []):
            self.stdout.write(f"{job['title']} ({job['count']}): {', '.join(job['roles']) or 'no role'}")
        for label, row, column, value, sentence, follows in queries.problem_rows(found):
            where = f", {column}" if column else ""
            self.stdout.write(f"{label}, row {row}{where}: {sentence} [{value}] {follows}.")

    def apply(self, found: RollImport, options: dict[str, Any]) -> None:
        """Apply in this process, batch by batch, and say when it is done."""
        leavers = (
            [f"{change.entity}:{change.target_id}" for change in queries.leavers_of(found, queries.EVERYBODY)]
            if options["close_leavers"]
            else []
        )
        operations.apply_roll(
            school=found.school,
            actor=found.created_by,
            at=timezone.now(),
            roll_import=found,
            leavers=leavers,
            without_problem_rows=options["without_problem_rows"],
        )
        while not operations.run_roll_import(import_id=found.pk, at=timezone.now()):
            continue
        found.refresh_from_db()
        if found.state != ImportState.APPLIED:
            raise CommandError(found.failure or "The import did not finish.")
        run = queries.run_of(found)
        self.stdout.write(f"Applied: {run.done if run else 0:,} records. It can be undone for 24 hours on its page.")
