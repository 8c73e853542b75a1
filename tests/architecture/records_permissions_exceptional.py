"""Exceptional use of a device, for the sweeps."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

# Where an address needs its record in a state of its own.
FITTING: dict[str, dict[str, str]] = {
    "devices:change-exceptional": {"approval": "exceptional_asked"},
    "devices:send-exceptional": {"approval": "exceptional_asked"},
}
SHOWN: dict[str, tuple[str, ...]] = {
    "devices:pupil-permissions": ("exceptional_asked", "exceptional_live", "revocation"),
    "devices:register": ("exceptional_live",),
    "devices:ask-exceptional": ("device",),
    "incidents:quick-breach": ("device", "exceptional_live"),
}


class ExceptionalRecords:
    """Each record made once, when an address asks for it."""

    school: Any
    at: Any
    reader: Any
    make: Any
    said: Any

    def _exceptional_by(self, actor: Any) -> Any:
        from core.approvals.operations import Limits
        from devices.enums import UseReason
        from devices.operations.permissions import Wish, ask_exceptional_use

        day = self.at.date()
        return ask_exceptional_use(
            school=self.school, actor=actor, at=self.at, pupil=self.make("pupil"),
            wish=Wish(
                UseReason.YOUNG_CARER, self.said("A call at lunch, from the office.", 2000),
                device_words=self.said("Black phone", 120), asked_by=self.said("Grandmother", 160),
                expectations=self.said("No other use.", 1000), sanctions=self.said("A talk with the head.", 1000),
            ),
            limits=Limits(
                places=["toilets", self.said("Library", 80)], parts=["lunch"],
                functions=[self.said("calling home", 80)], daily_from=time(12), daily_to=time(13),
                kept=self.said("in the bag", 200), supervisor=self.reader,
                conditions=self.said("Not in sight of others", 500),
            ),
            starts_on=day, ends_on=day + timedelta(days=60), review_on=day + timedelta(days=30),
        )  # fmt: skip

    def make_exceptional_asked(self) -> Any:
        """Asked by the reader, and to be talked over."""
        return self._exceptional_by(self.reader).approval

    def make_exceptional_live(self) -> Any:
        """Asked by somebody else, talked over and approved: in force under rules that want no written agreement."""
        from core.approvals.operations import approve, discuss
        from tests.factories import make_user

        row = self._exceptional_by(make_user("teacher", self.school)).approval
        discuss(
            school=self.school, actor=row.requested_by, at=self.at, approval=row, discussed_on=self.at.date(),
            discussed_with=self.said("Mother and pupil", 200),
        )  # fmt: skip
        return approve(
            school=self.school, actor=make_user("headteacher", self.school), at=self.at, approval=row,
            because=self.said("It helps.", 1000),
        )  # fmt: skip
