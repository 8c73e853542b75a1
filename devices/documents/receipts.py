"""The receipt for one hand-in: what is held, where, when it goes back, and what the school says to owners (DEV-23)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.kit.times import moment
from core.rules.words import words_for
from devices.documents.registers import place_words
from devices.models import CustodyRecord
from devices.words import content_advice, disclaimer, pin_advice


@dataclass(frozen=True)
class Receipt:
    """A receipt as it is given out. What it says of loss and of going back is what the rules said on that day."""

    number: int
    name: str
    form: str
    device: str
    device_code: str
    mark: str
    basis: str
    taken: str
    taken_by: str
    place: str
    switched_off: str
    condition: str
    goes_back: str
    now: str
    on_loss: str
    advice: tuple[str, ...]


_GOES_BACK = {
    "end_of_day_pupil": "At the end of the school day, to the {child}.",
    "end_of_day_parent": "At the end of the school day, to a parent or carer.",
    "on_leaving_site": "To the {child}, on leaving the site.",
}


def receipt_of(stay: CustodyRecord, rules: Any) -> Receipt:
    """The receipt of a stay under the rules it was judged by. `stay` comes with device, pupil, place and slot."""
    words = words_for(rules)
    goes_back = _GOES_BACK.get(rules.ordinary_return, "The school’s policy does not say. Ask the office.")
    now = f"{stay.get_state_display()}, {moment(stay.closed_at)}." if stay.closed_at else ""
    return Receipt(
        number=stay.pk,
        name=stay.pupil.display_name,
        form=stay.pupil.form.name if stay.pupil.form else "",
        device=stay.device.description,
        device_code=stay.device.code,
        mark=stay.device.mark,
        basis=str(stay.get_basis_display()),
        taken=moment(stay.opened_at),
        taken_by=stay.opened_by.display_name,
        place=place_words(stay),
        switched_off="" if stay.switched_off is None else "Yes" if stay.switched_off else "No",
        condition=stay.condition,
        goes_back=goes_back.format(child=words.child),
        now=now,
        on_loss=disclaimer(rules),
        advice=(pin_advice(), content_advice()),
    )
