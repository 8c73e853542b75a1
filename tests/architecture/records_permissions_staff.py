"""Papers about permissions of staff, for the sweeps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

FITTING: dict[str, dict[str, str]] = {
    "devices:staff-slip": {"approval": "staff_live"},
    "devices:remote-teaching-paper": {"approval": "staff_remote_live"},
}


class StaffPermissionRecords:
    """Each record made once, when an address asks for it."""

    school: Any
    at: Any
    make: Any
    said: Any
    asker: Any

    def make_staff_remote_live(self) -> Any:
        """Remote teaching on an own device: assessed and approved."""
        from core.approvals.operations import approve, attach_assessment
        from devices.operations.permissions.staff import ask_remote_teaching
        from tests.factories import make_user

        day, who = self.at.date(), {"school": self.school, "actor": self.asker, "at": self.at}
        row = ask_remote_teaching(
            **who, why=self.said("The school laptop is being repaired", 1000), device=self.said("Own tablet", 120),
            starts_on=day, ends_on=day + timedelta(days=20),
        ).approval  # fmt: skip
        attach_assessment(**who, approval=row, assessment=self.make("assessment_complete"))
        head = make_user("headteacher", self.school)
        return approve(**who | {"actor": head}, approval=row, because="Nothing else is to be had")
