"""Declarations, disclosures, acknowledgements and access, for the sweeps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

# Where an address needs its record in a state of its own.
FITTING: dict[str, dict[str, str]] = {
    **{
        f"policies:{name}": {"document_version": "reading_version"}
        for name in ("write-text", "read", "record-form", "record-pupil", "record-parent")
    },
    **{
        f"policies:{name}": {"document": "reading_document"}
        for name in ("document", "change-document", "publish-version")
    },
    **{
        f"agreements:{name}": {"declaration": "tie"}
        for name in ("declaration", "consult", "advise", "decide-declaration", "put-on-record", "close-declaration")
    },
    "agreements:resume-access": {"access": "access_suspended"},
}
SHOWN: dict[str, tuple[str, ...]] = {
    "policies:documents": ("reading_version",),
    "policies:document": ("reading_version", "pupil", "reading_done"),
    "policies:record-form": ("pupil",),
    "policies:record-pupil": ("contact",),
    "agreements:mine": ("reading_version", "tie", "disclosure"),
    "agreements:access": ("access", "form"),
    "agreements:access-paper": ("access",),
    "agreements:access-list": ("access",),
    "agreements:systems": ("system",),
    "agreements:grant-form": ("system", "pupil", "reading_version"),
    "agreements:grant-pupil": ("system", "reading_version"),
    "agreements:grant-staff": ("system",),
    "agreements:undertaken": ("access", "promise"),
    "agreements:declarations": ("tie",),
    "agreements:disclosures": ("disclosure",),
    "agreements:equipment": ("equipment_use",),
}

_ALL = ["primary", "secondary", "parents", "staff", "governors", "visitors"]


class ConductRecords:
    """Each record made once, when an address asks for it."""

    school: Any
    at: Any
    reader: Any
    administrator: Any
    make: Any
    said: Any

    def make_reading_document(self) -> Any:
        from policies.models import Document
        from policies.operations import name_document

        known = Document.objects.filter(school=self.school, kind="acceptable_use").first()
        return known or name_document(
            school=self.school, actor=None, at=self.at, kind="acceptable_use",
            title=self.said("Acceptable use for all", 200), asked_of=_ALL,
        )  # fmt: skip

    def make_reading_version(self) -> Any:
        from policies.operations import Wording, publish_version

        return self.make("reading_document").versions.first() or publish_version(
            school=self.school, actor=None, at=self.at, document=self.make("reading_document"),
            label=self.said("Autumn", 60), starts_on=self.at.date() - timedelta(days=9),
            texts=[Wording(one, self.said("How we use it", 160), self.said("I take care.", 800)) for one in _ALL],
        )  # fmt: skip

    def make_text(self) -> Any:
        return self.make("reading_version").texts.get(readership="staff")

    def make_reading_done(self) -> Any:
        """A pupil, a parent and a teacher have acknowledged it."""
        from policies.operations import read_and_acknowledge, record_acknowledgement, record_contact_acknowledgement

        version = self.make("reading_version")
        given: dict[str, Any] = {"school": self.school, "at": self.at, "version": version}
        record_contact_acknowledgement(
            actor=None, contact=self.make("contact"), method="paper", talked_over=True, **given
        )
        read_and_acknowledge(actor=self.make("declarer"), **given)
        return record_acknowledgement(
            actor=self.administrator, pupil=self.make("pupil"), acknowledged_on=self.at.date(), method="paper", **given
        )

    # access
    def make_system(self) -> Any:
        from agreements.models import AccessSystem
        from agreements.operations.access_register import add_system

        return AccessSystem.objects.filter(school=self.school).first() or add_system(
            school=self.school, actor=None, at=self.at, name=self.said("The internet", 120), kind="internet"
        )

    def make_access(self) -> Any:
        from agreements.operations.access_register import grant_access

        self.make("reading_done")
        return grant_access(
            school=self.school, actor=self.administrator_of_access, at=self.at, person=self.make("pupil"),
            system=self.make("system"), device=self.said("Tablet", 120),
        )  # fmt: skip

    def make_access_suspended(self) -> Any:
        from agreements.operations.access_register import suspend_access

        return suspend_access(
            school=self.school, actor=self.administrator_of_access, at=self.at, grant=self.make("access"),
            reason=self.said("A question to settle", 300),
        )  # fmt: skip

    @property
    def administrator_of_access(self) -> Any:
        return self.make("access_keeper")

    def make_access_keeper(self) -> Any:
        from tests.factories import make_user

        return make_user("office", self.school)

    def make_promise(self) -> Any:
        from agreements.operations.promises import promise

        return promise(
            school=self.school, actor=self.administrator_of_access, at=self.at, pupil=self.make("pupil"),
            text=self.said("Time out when it is needed", 300), how=self.said("In the library", 300),
            starts_on=self.at.date(),
        )  # fmt: skip

    # declarations: whoever looks is consulted and has advised
    def make_declarer(self) -> Any:
        from tests.factories import make_user

        return make_user("teacher", self.school)

    def make_tie(self) -> Any:
        from agreements.operations.conduct import declare_relationship

        return self._consulted(
            declare_relationship(
                school=self.school,
                actor=self.make("declarer"),
                at=self.at,
                context="devices",
                nature="friends",
                parties=self.said("A family we know", 1000),
                since=self.said("2024", 60),
                circumstances=self.said("We meet at weekends.", 4000),
            )
        )

    def _consulted(self, declaration: Any) -> Any:
        """Whoever looks is consulted, as a row: not every role that sweeps can be chosen by hand."""
        from agreements.models import DeclarationConsultation

        declaration.state = "consulted"
        declaration.stamp(by=declaration.declarer, at=self.at)
        declaration.save()
        row = DeclarationConsultation(
            school=self.school, declaration=declaration, person=self.reader, role="headteacher", asked_at=self.at,
            asked_by=declaration.declarer,
        )  # fmt: skip
        row.stamp(by=declaration.declarer, at=self.at)
        row.save()
        return declaration

    # passwords and equipment
    def make_disclosure(self) -> Any:
        from agreements.operations.disclosures import ask_disclosure
        from tests.factories import make_user

        return ask_disclosure(
            school=self.school, actor=make_user("headteacher", self.school), at=self.at, holder=self.reader,
            system=self.said("The mailbox", 120), reason=self.said("An audit", 500), reset_by=self.at.date(),
        )  # fmt: skip

    def make_equipment_use(self) -> Any:
        from agreements.operations.equipment import authorise_equipment
        from tests.factories import make_user

        return authorise_equipment(
            school=self.school, actor=make_user("headteacher", self.school), at=self.at, user=self.make("declarer"),
            equipment=self.said("Laptop", 200), kind="personal", terms=self.said("Evenings only", 500),
            starts_on=self.at.date(), ends_on=self.at.date(),
        )  # fmt: skip
