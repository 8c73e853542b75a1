"""The school's own devices and the log of pictures, for the sweeps."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

_numbers = itertools.count(1)

# Where an address needs its record in a state of its own.
FITTING: dict[str, dict[str, str]] = {
    "devices:confirm-reset": {"asset_issue": "asset_back"},
    "devices:change-school-device": {"approval": "school_device_asked"},
}
SHOWN: dict[str, tuple[str, ...]] = {
    "devices:assets": ("asset", "asset_issue"),
    "devices:assets-list": ("asset", "asset_issue"),
    "devices:assets-attention": ("asset", "asset_issue", "asset_back"),
    "devices:asset": ("asset",),
    "devices:staff-assets": ("asset_issue", "work_contact"),
    "devices:pupil-assets": ("asset_back",),
    "devices:work-contacts": ("work_contact",),
    "devices:issue-to-pupil": ("notice_to_read",),
    "devices:issue-to-staff": ("notice_to_read",),
    "devices:remote-teaching": ("remote",),
    "devices:log-remote-teaching": ("remote",),
    "devices:image-sets": ("image_set",),
    "devices:image-sets-list": ("image_set",),
    "devices:log-image-set": ("asset",),
    "devices:image-set": ("image_shown", "form"),
    "devices:name-shown": ("pupil",),
}


class AssetRecords:
    """Each record made once, when an address asks for it."""

    school: Any
    at: Any
    reader: Any
    administrator: Any
    make: Any
    said: Any

    def _asset(self) -> Any:
        from devices.operations.assets import add_asset

        return add_asset(
            school=self.school, actor=self.administrator, at=self.at, type="tablet",
            number=self.said(f"T{next(_numbers):03d}", 40), make=self.said("Slate", 80), serial=self.said("SN1", 80),
            location=self.said("Cupboard", 120), custodian=self.make("person"), note=self.said("A dent", 300),
        )  # fmt: skip

    def make_asset(self) -> Any:
        """Available, and nobody has checked its protection."""
        return self._asset()

    def make_notice_to_read(self) -> Any:
        """The notice of monitoring that holds."""
        from policies.models import Document
        from policies.operations import Wording, name_document, publish_version

        known = Document.objects.filter(school=self.school, kind="monitoring").first()
        if known is not None:
            return known.versions.first()
        asked = ["youngest", "primary", "secondary", "staff"]
        document = name_document(
            school=self.school, actor=None, at=self.at, kind="monitoring", title=self.said("What we watch", 200),
            asked_of=asked,
        )  # fmt: skip
        return publish_version(
            school=self.school, actor=None, at=self.at, document=document, label=self.said("1", 60),
            starts_on=self.at.date() - timedelta(days=9),
            texts=[Wording(one, self.said("What we watch", 160), self.said("To keep you safe.", 800)) for one in asked],
        )  # fmt: skip

    def _issued(self, person: Any) -> Any:
        from core.people.models import Pupil
        from devices.operations.assets import issue_asset
        from policies.operations import read_and_acknowledge, record_acknowledgement
        from policies.queries import monitoring_acknowledged

        version = self.make("notice_to_read")
        if monitoring_acknowledged(person, self.at.date(), school=self.school) is None:
            if isinstance(person, Pupil):
                record_acknowledgement(
                    school=self.school, actor=self.administrator, at=self.at, pupil=person, version=version,
                    acknowledged_on=self.at.date(), method="in_class",
                )  # fmt: skip
            else:
                read_and_acknowledge(school=self.school, actor=person, at=self.at, version=version)
        return issue_asset(
            school=self.school, actor=self.administrator, at=self.at, asset=self._asset(), person=person,
            condition=self.said("Like new", 200), accessories=self.said("Charger", 200), due_on=self.at.date(),
        )  # fmt: skip

    def make_asset_issue(self) -> Any:
        """In the hands of one of the staff."""
        return self._issued(self.make("person"))

    def make_asset_back(self) -> Any:
        """Back from a pupil, and not reset yet."""
        from devices.operations.assets import return_asset

        issue = self._issued(self.make("pupil"))
        return return_asset(
            school=self.school, actor=self.administrator, at=self.at, issue=issue,
            condition=self.said("Scratched", 200), accessories=self.said("Charger", 200),
        )  # fmt: skip

    def make_remote(self) -> Any:
        """The reader teaches remotely on a school device."""
        from devices.operations.remote_teaching import log_remote_teaching

        issue, day = self._issued(self.reader), self.at.date()
        return log_remote_teaching(
            school=self.school, actor=self.reader, at=self.at, what=self.said("Year 11 revision", 160),
            starts_on=day, ends_on=day + timedelta(days=4), ground=f"school-{issue.pk}",
        )  # fmt: skip

    def make_work_contact(self) -> Any:
        from devices.operations.assets import set_work_contact

        return set_work_contact(
            school=self.school, actor=self.administrator, at=self.at, user=self.make("person"), needs_contact=True,
            number=self.said("01632 960111", 40),
        )  # fmt: skip

    def make_school_device_asked(self) -> Any:
        """Asked by the reader, for a pupil."""
        from devices.operations.permissions.school_device import ask_school_device

        day = self.at.date()
        return ask_school_device(
            school=self.school, actor=self.reader, at=self.at, person=self.make("pupil"),
            purpose=self.said("Reading at home", 200), starts_on=day, ends_on=day + timedelta(days=30),
        )  # fmt: skip

    def make_image_set(self) -> Any:
        """Taken and logged by the reader, and questioned by somebody else."""
        from devices.operations.image_sets import challenge_images, log_image_set
        from tests.factories import make_user

        row = log_image_set(
            school=self.school, actor=self.reader, at=self.at, activity=self.said("Sports day", 200),
            taken_on=self.at.date(), photographer=self.reader, asset=self.make("asset"), purpose="website",
            is_suitable=False, suitable_note=self.said("One is deleted", 300), stored_where=self.said("Drive", 200),
        )  # fmt: skip
        return challenge_images(
            school=self.school, actor=make_user("slt", self.school), at=self.at, image_set=row,
            challenge=self.said("Why so close?", 500),
        )  # fmt: skip

    def make_image_shown(self) -> Any:
        from devices.operations.image_sets import name_shown

        return name_shown(
            school=self.school, actor=self.reader, at=self.at, image_set=self.make("image_set"),
            pupils=[self.make("pupil")],
        )  # fmt: skip
