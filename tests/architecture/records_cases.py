"""Records of incidents, for the sweeps: a teacher's report about a pupil, which the DSL may read."""

from __future__ import annotations

from typing import Any

_OF_AN_IMAGE = (
    "case", "give", "add-task", "place", "assess", "referral", "police", "support", "viewing", "close"
)  # fmt: skip
# Where an address needs its record in a state of its own.
FITTING: dict[str, dict[str, str]] = {
    "incidents:review": {"incident": "case_triaged"},
    "incidents:image-sent": {"incident": "image_own"},
    "incidents:image-looked": {"incident": "image_own"},
    **{f"incidents:image-{page}": {"incident": "image_incident"} for page in _OF_AN_IMAGE},
    "incidents:reopen": {"incident": "case_closed"},
    "incidents:put-on-plan": {"incident": "case_system"},
    "incidents:transfer-paper": {"file_transfer": "transfer_made"},
    "incidents:transfer": {"file_transfer": "transfer_made"},
    "incidents:classify-concern": {"incident": "case_staff"},
    "incidents:outside-entry": {"incident": "case_staff"},
    "incidents:staff-pattern": {"person": "person_concerned"},
}
SHOWN: dict[str, tuple[str, ...]] = {
    "incidents:report": ("draft",),
    "incidents:report-who": ("draft_person",),
    "incidents:report-check": ("draft_person",),
    "incidents:my-reports": ("draft", "own_report"),
    "incidents:quick-breach": ("device",),
    "incidents:inbox": ("incident", "case_triaged"),
    "incidents:search": ("incident", "case_triaged"),
    "incidents:triage": ("sub_type",),
    "incidents:sub-types": ("sub_type",),
    "incidents:whom-to-tell": ("help_entry",),
    "incidents:help-list": ("help_entry",),
    "incidents:filtering-blocks": ("network_block",),
    "incidents:case": ("case_addition",),
    "incidents:image-case": ("image_task", "image_viewing"),
    "incidents:image-report-about": ("device",),
    "incidents:case-notes": ("case_note", "case_correction"),
    "incidents:case-people": ("case_person",),
    "incidents:case-actions": (
        "case_person",
        "parents_decision",
        "referral",
        "notification",
        "crime_task",
        "sanction",
        "plan",
        "advice",
    ),
    "incidents:case-parents": ("contact", "parents_decision"),
    "incidents:case-serious": ("notification",),
    "incidents:referrals": ("referral",),
    "incidents:referral-consent": ("contact",),
    "incidents:outside-entry": ("outside_entry",),
    "incidents:staff-register": ("case_low_level_concern",),
    "incidents:staff-pattern": ("case_staff", "case_low_level_concern"),
    "incidents:private-questions": ("private_question",),
    "incidents:case-papers": ("referral", "notification", "case_paper"),
    "incidents:letter-paper": ("contact",),
    "incidents:figures": ("case_of_many",),
    "incidents:transfers": ("file_transfer", "transfer_sent", "transfer_over", "file_arrival"),
    "incidents:chronology": ("case_note", "case_correction", "case_event"),
}


class CaseRecords:
    """Each record of a case belongs to the one incident, where its address does not need another."""

    school: Any
    at: Any
    make: Any
    made: Any
    said: Any
    reader: Any

    def make_case_reporter(self) -> Any:
        from tests.factories import make_user

        return make_user("teacher", self.school)

    def make_draft(self) -> Any:
        """Of the reader: for everybody else there is none."""
        return self._own(state="draft")

    def make_draft_person(self) -> Any:
        from tests.factories.cases import add_person

        return add_person(self.make("draft"), at=self.at, role="witness", name=self.said("A passer-by", 120))

    def make_own_report(self) -> Any:
        return self._own(state="reported")

    def _own(self, **fields: Any) -> Any:
        from tests.factories.cases import make_case

        words = {name: self.said("Words of a report.", 2000) for name in ("account", "own_words", "opinion")}
        return make_case(
            self.school, by=self.reader, at=self.at, pupil=self.make("pupil"), place=self.said("Corridor", 120),
            **words, **fields,
        )  # fmt: skip

    def make_incident(self) -> Any:
        from tests.factories.cases import make_case

        words = {name: self.said("Words of a report.", 2000) for name in ("account", "own_words", "opinion")}
        return make_case(
            self.school, by=self.make("case_reporter"), at=self.at, pupil=self.make("pupil"),
            place=self.said("Corridor", 120), **words,
        )  # fmt: skip

    def _case(self, **fields: Any) -> Any:
        from tests.factories.cases import make_case

        return make_case(
            self.school, by=self.make("case_reporter"), at=self.at, pupil=self.make("pupil"),
            title=self.said("Phone in a lesson", 120), **fields,
        )  # fmt: skip

    def make_case_of_many(self) -> Any:
        """So many that their figures show, hidden ones among them."""
        many = [self._case() for _number in range(12)]
        return [*many, *(self._case(type="recording") for _number in range(8)), self._case(type="online_bullying")][-1]

    def make_case_triaged(self) -> Any:
        return self._case(state="triaged", track="serious", triaged_at=self.at, triaged_by=self.make("case_reporter"))

    def make_case_closed(self) -> Any:
        return self._case(state="closed")

    def _image(self, by: Any, **fields: Any) -> Any:
        from incidents.operations.images import report_image

        return report_image(
            school=self.school, actor=by, at=self.at, pupils=[self.make("pupil")], place="website",
            account=self.said("Told at break.", 2000), holders=self.said("Two friends", 1000), adult_involved="yes",
            site=self.said("A network", 120), **fields,
        )  # fmt: skip

    def make_image_incident(self) -> Any:
        return self._image(self.make("case_reporter"))

    def make_image_own(self) -> Any:
        return self._image(self.reader)

    def make_image_task(self) -> Any:
        return self.make("image_incident").image_case.tasks.get(kind="report_host")

    def make_image_viewing(self) -> Any:
        from incidents.models import ViewingException

        return ViewingException.objects.create(
            school=self.school, case=self.make("image_incident").image_case, viewer=self.reader, viewed_at=self.at,
            present=self.said("The head", 400), where=self.said("Office", 120), decided_by=self.reader,
            reason=self.said("Shown by chance.", 2000), not_copied=True, same_sex_weighed=True, decided_before=False,
            at=self.at, by=self.reader,
        )  # fmt: skip

    def make_sub_type(self) -> Any:
        from incidents.models import SubType

        number = SubType.objects.filter(school=self.school).count()
        kind = SubType(school=self.school, area="conduct", name=self.said(f"Kind {number} of online bullying", 80))
        kind.stamp(by=None, at=self.at)
        kind.save()
        return kind

    def make_case_system(self) -> Any:
        from tests.factories.cases import make_case

        return make_case(
            self.school, by=self.make("case_reporter"), at=self.at, type="monitoring_alert", route="system",
            title=self.said("Searches that go round the filter", 120),
        )  # fmt: skip

    def make_network_block(self) -> Any:
        from incidents.models import ImageTask

        return ImageTask.objects.create(
            school=self.school, case=self.make("image_incident").image_case, kind="block_network", done_at=self.at,
            done_by=self.make("case_reporter"),
        )  # fmt: skip

    def make_help_entry(self) -> Any:
        from incidents.models import HelpEntry

        number = HelpEntry.objects.filter(school=self.school).count()
        words = {"name": self.said(f"Quiet room {number}", 80), "reach": self.said("Beside the library", 120)}
        entry = HelpEntry(school=self.school, kind="place", **words, words=self.said("At break and lunch.", 200))
        entry.stamp(by=None, at=self.at)
        entry.save()
        return entry

    def _note(self, **fields: Any) -> Any:
        from incidents.models import IncidentNote

        values = {"kind": "case_note", "text": self.said("Words of a note.", 2000), "at": self.at}
        return IncidentNote.objects.create(
            school=self.school, incident=self.make("incident"), by=self.make("case_reporter"), **values | fields
        )

    def make_case_note(self) -> Any:
        return self._note()

    def make_case_addition(self) -> Any:
        return self._note(kind="added")

    def make_case_correction(self) -> Any:
        return self._note(kind="correction", corrects=self.make("case_note"))

    def make_person_concerned(self) -> Any:
        person = self.make("person")
        self.made["person_concerned"] = person
        self.make("case_staff")
        return person

    def make_case_staff(self) -> Any:
        return self._case_staff()

    def make_case_low_level_concern(self) -> Any:
        return self._case_staff(route="low_level_concern")

    def _case_staff(self, **fields: Any) -> Any:
        from incidents.enums import IncidentType
        from tests.factories.cases import make_case

        return make_case(
            self.school, by=self.make("case_reporter"), at=self.at, staff=self.make("person"),
            type=IncidentType.STAFF_OWN_DEVICE, **fields,
        )  # fmt: skip

    def make_outside_entry(self) -> Any:
        from incidents.models import OutsideEntry

        return OutsideEntry.objects.create(
            school=self.school, concern=self.make("case_staff").staff_concern, body="lado", spoken_at=self.at,
            spoken_to=self.said("An adviser", 120), advice=self.said("Words of advice.", 2000), at=self.at,
            by=self.make("case_reporter"),
        )  # fmt: skip

    def make_case_access(self) -> Any:
        from incidents.models import CaseAccess
        from tests.factories import make_user

        row = CaseAccess(
            school=self.school, incident=self.make("incident"), user=make_user("teacher", self.school),
            reason="supports", given_at=self.at, given_by=self.make("case_reporter"),
        )  # fmt: skip
        row.stamp(by=None, at=self.at)
        row.save()
        return row

    def make_private_question(self) -> Any:
        from incidents.operations import ask_privately

        self.make("dsl")
        return ask_privately(
            school=self.school, actor=self.make("case_reporter"), at=self.at,
            adviser="Designated safeguarding lead", question=self.said("May I?", 2000),
        )  # fmt: skip

    def make_case_document(self) -> Any:
        from incidents.operations.exporting import export_chronology

        return export_chronology(school=self.school, actor=self.reader, at=self.at, pupil=self.make("pupil"))

    def _transfer(self, kind: str) -> Any:
        from incidents.operations.transfers import open_transfer

        pupil = self.make(kind)
        return open_transfer(
            school=self.school, actor=self.reader, at=self.at, pupil=pupil, leaves_on=self.at.date(),
            to_school=self.said("Mill Lane School", 160),
        )  # fmt: skip

    def make_file_transfer(self) -> Any:
        return self._transfer("pupil")

    def make_transfer_made(self) -> Any:
        from incidents.operations.transfers import make_transfer_paper

        row = self._transfer("pupil_who_left")
        return make_transfer_paper(school=self.school, actor=self.reader, at=self.at, transfer=row)

    def make_transfer_sent(self) -> Any:
        from incidents.operations.transfers import send_file

        return send_file(
            school=self.school, actor=self.reader, at=self.at, transfer=self.make("transfer_made"), channel="hand",
            to_school=self.said("Mill Lane School", 160), to_dsl=self.said("Their DSL", 120), apart=True,
        )  # fmt: skip

    def make_transfer_over(self) -> Any:
        from incidents.operations.transfers import set_transfer_aside

        row = self._transfer("pupil_with_note")
        return set_transfer_aside(
            school=self.school, actor=self.reader, at=self.at, transfer=row, reason=self.said("They stay.", 2000)
        )

    def make_file_arrival(self) -> Any:
        from incidents.operations.transfers import record_arrival

        return record_arrival(
            school=self.school, actor=self.reader, at=self.at, pupil=self.make("pupil"), arrived_on=self.at.date(),
            from_school=self.said("Mill Lane School", 160), from_whom=self.said("Their DSL", 120), channel="hand",
        )  # fmt: skip

    def make_case_paper(self) -> Any:
        from incidents.enums import PaperKind
        from incidents.operations.papers import make_paper

        row = self.make("notification")
        return make_paper(
            school=self.school, actor=self.reader, at=self.at, incident=row.incident, kind=PaperKind.SERIOUS,
            notification=row,
        )  # fmt: skip

    def make_case_event(self) -> Any:
        from incidents.models import IncidentEvent

        case = self.make("incident")
        return IncidentEvent.objects.create(
            school=self.school, incident=case, kind="decided", from_state="triaged", to_state="action", at=self.at,
            by=self.make("case_reporter"),
        )  # fmt: skip

    def make_case_person(self) -> Any:
        from incidents.enums import PersonRole
        from tests.factories.cases import add_person

        return add_person(
            self.make("incident"), at=self.at, role=PersonRole.WITNESS, name=self.said("A passer-by", 120)
        )

    # one record: what is decided about it and who is told
    def make_referral(self) -> Any:
        from incidents.models import Referral

        row = Referral(
            school=self.school, incident=self.make("incident"), state="consent_sought", level=2, due_at=self.at,
            body=self.said("Front door", 120), reason=self.said("Words of a referral.", 4000),
        )  # fmt: skip
        row.stamp(by=self.make("case_reporter"), at=self.at)
        row.save()
        return row

    def make_notification(self) -> Any:
        from incidents.models import Notification

        case = self.make("incident")
        if not case.is_serious:
            case.is_serious = True
            case.stamp(by=self.make("case_reporter"), at=self.at)
            case.save()
        row = Notification(school=self.school, incident=case, body=self.said("Police", 120), due_at=self.at)
        row.stamp(by=self.make("case_reporter"), at=self.at)
        row.save()
        return row

    def make_crime_task(self) -> Any:
        from incidents.models import Notification
        from incidents.queries.crime import HANDOVER

        row = Notification(
            school=self.school, incident=self.make("incident"), why="crime", body=HANDOVER, due_at=self.at,
            owner=self.make("case_reporter"),
        )  # fmt: skip
        row.stamp(by=self.make("case_reporter"), at=self.at)
        row.save()
        return row

    def make_parents_decision(self) -> Any:
        from incidents.models import ParentContact

        return ParentContact.objects.create(
            school=self.school, incident=self.make("incident"), pupil=self.make("pupil"), decision="not_yet",
            reason=self.said("Words of a reason.", 2000), at=self.at, by=self.make("case_reporter"),
        )  # fmt: skip
