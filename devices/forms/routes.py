"""Forms about a family’s own way to reach a child, and about a request to bring a device that was sent back."""

from __future__ import annotations

from core.kit.forms import LineField, TextField
from devices.forms.agreements import AgreeBringForm
from devices.forms.staff_permissions import DaysForm


class ContactRouteForm(DaysForm):
    """By what way, why, and from which day to which (DEV-28)."""

    submit_label = "Ask for it"

    route = LineField(
        label="How the family may reach them",
        max_length=300,
        help_text="For example “by a text message that is read in the office at lunch”. All staff can read this.",
        error_messages={"required": "Say how the family may reach them"},
    )
    why = TextField(
        label="Why the office’s way will not do",
        max_length=1000,
        rows=3,
        help_text="Read by whoever decides and the DSL alone.",
        error_messages={"required": "Say why the office’s way will not do"},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["route", "why", "starts_on", "ends_on"])


class ChangeContactRouteForm(ContactRouteForm):
    """The same again, changed."""

    submit_label = "Save the request"


class ChangeBringForm(AgreeBringForm):
    """The reason and the days again, changed."""

    submit_label = "Save the request"
