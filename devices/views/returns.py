"""Hand-back at the end of the day (W3): scan a slot, see whose it is, give it back."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.urls import reverse

from core.kit.refusals import Refusal
from core.kit.times import clock
from core.people.models import Contact, Pupil
from core.people.queries import contacts_of
from core.people.roles import Permission
from devices import operations
from devices.enums import DeviceOwner, EarlyReason, GivenTo
from devices.forms.desk import NOTHING_SAID_OF_RETURN, return_form
from devices.models import CustodyRecord, PupilDevice
from devices.queries import (
    DayBook,
    custody_for,
    custody_in_slot,
    custody_visible_to,
    day_book,
    find_at_desk,
    match_pupil,
    recent_returns,
)
from devices.queries.scan import stays_scanned
from devices.views.desk import Answer, DeskView, kept_books


def _whose(device: PupilDevice) -> str:
    """Said at hand-back when the device is not the pupil's own (law PH-11)."""
    return "" if device.owner == DeviceOwner.PUPIL else f" It belongs to {device.get_owner_display().lower()}."


_BOOK_FOR = 2.0


class ReturnsView(DeskView):
    """Hand back at the end of the day (W3), by slot, device or name, with a big confirmation."""

    template_name = "devices/returns.html"
    desk = "returns"

    def answer(self) -> Answer:
        form = return_form(self.request.POST)
        if not form.is_valid():
            return {"kind": "stop", "word": "Not recorded", "detail": "Choose one of the answers.", "refused": True}
        self.data = NOTHING_SAID_OF_RETURN | form.cleaned_data
        self.submission = str(self.data["submission"])
        if self.data["custody"]:
            stay = custody_visible_to(self.actor, self.school).filter(pk=self.data["custody"]).first()
            return self._give(stay) if stay else self.nothing("that choice")
        chosen = self.request.POST.get("pupil", "")
        if chosen.isdigit():
            pupil = match_pupil(self.school, int(chosen))
            return self._give_to(pupil) if pupil else self.nothing("that choice")
        text = self.data["code"]
        stays = stays_scanned(self.school, text)
        if len(stays) == 1:
            return self._give(stays[0])
        if stays and len({stay.pupil_id for stay in stays}) == 1:
            return self._which(stays)
        match = find_at_desk(self.school, text, on=self.today)
        if match.kind == "slot" and match.slot is not None:
            stay = custody_in_slot(match.slot)
            return self._give(stay) if stay else self._empty(f"Slot {match.slot.label}", "Nothing is in this slot.")
        if match.pupil is not None:
            return self._give_to(match.pupil, match.device)
        if match.pupils:
            return self.choose(match, "Choose: ↓ or Tab, then Enter.")
        if not match.text:
            return {"kind": "idle", "word": "Ready", "detail": self.ready_text(), "refused": True}
        return self.nothing(match.text)

    def _empty(self, word: str, detail: str, pupil: Pupil | None = None) -> Answer:
        return {"kind": "attention", "word": word, "detail": detail, "refused": True} | self.naming(pupil)

    def _give_to(self, pupil: Pupil, device: Any = None) -> Answer:
        stays = [stay for stay in custody_for(pupil) if device is None or stay.device_id == device.pk]
        if not stays:
            return self._empty("Not here", "No device of this pupil is here.", pupil)
        if len(stays) == 1:
            return self._give(stays[0])
        return self._which(stays)

    def _which(self, stays: list[CustodyRecord]) -> Answer:
        asked: list[tuple[str, str, Any]] = [
            (f"{stay.device.description}, {stay.slot or (stay.place.name if stay.place else '')}", "custody", stay.pk)
            for stay in stays
        ]
        return self._ask("Which device?", "Several are here.", stays[0].pupil, asked, {}, fresh=True)

    def _give(self, stay: CustodyRecord) -> Answer:
        contact: Contact | None = None
        if self.data["contact"]:
            contact = contacts_of(stay.pupil).filter(pk=self.data["contact"]).first()
        try:
            given = operations.return_device(
                school=self.school,
                actor=self.actor,
                at=self.now,
                custody=stay,
                given_to=self.data["given_to"] or GivenTo.PUPIL,
                contact=contact,
                reason=self.data["reason"],
                condition=self.data["condition"],
                note=self.data["note"],
                submission=self.data["submission"],
            )
        except operations.EarlyReasonNeeded as refusal:
            carried = {"custody": stay.pk} | self._said()
            asked = [(label, "reason", key) for key, label in EarlyReason.choices]
            return self._ask("Early: why?", refusal.message, stay.pupil, asked, carried)
        except operations.MustGoToParent as refusal:
            adults: list[Contact] = [one for one in contacts_of(stay.pupil) if one.may_collect]
            carried = {"custody": stay.pk, "given_to": GivenTo.CONTACT.value} | self._said()
            takers = [(f"{one.display_name} ({one.relationship or 'contact'})", "contact", one.pk) for one in adults]
            return self._ask("To whom?", refusal.message, stay.pupil, takers, carried)
        except operations.TakenNotHandedIn as refusal:
            may = self.may(Permission.RELEASE_DEVICE) and not self.is_desk_alone
            url = reverse("devices:release", args=[self.school.slug, stay.pk])
            actions = [{"label": "Release desk", "url": url}] if may else []
            return self.refusal(refusal, stay.pupil, word="Taken") | {"actions": actions}
        except Refusal as refusal:
            return self.refusal(refusal, stay.pupil)
        assert given.closed_at is not None
        self._count(given)
        row = self.row_of(given)
        return {
            "kind": "ok",
            "word": "Give back",
            "detail": f"The {given.device.description}. Recorded as given back.{_whose(given.device)}",
            "slot": given.slot.label if given.slot else "",
            "time": clock(given.closed_at),
            "actions": [{"label": "Correct", "url": reverse("devices:correct", args=[self.school.slug, given.pk])}],
            "submission": self.submission,
            "row": row | {"submission": self.submission},
        } | self.naming(given.pupil)

    def _said(self) -> dict[str, Any]:
        return {
            name: self.data[name] for name in ("given_to", "contact", "condition", "note", "reason") if self.data[name]
        }

    def _ask(
        self,
        word: str,
        detail: str,
        pupil: Pupil,
        asked: Sequence[tuple[str, str, Any]],
        carried: dict[str, Any],
        *,
        fresh: bool = False,
    ) -> Answer:
        return {
            "kind": "choose",
            "word": word,
            "detail": detail,
            "choices_label": word,
            "choices": [
                {
                    "label": label,
                    "name": name,
                    "value": value,
                    "fields": {key: kept for key, kept in carried.items() if key != name},
                    "submission": uuid.uuid4() if fresh else self.submission,
                }
                for label, name, value in asked
            ],
            "choices_url": self.request.path,
            "refused": True,
        } | self.naming(pupil)

    def counters(self) -> list[dict[str, Any]]:
        book = self.book()
        return [
            {"label": "Given back", "value": book.returned, "of": book.handed_in, "kind": "ok"},
            {"label": "Still here", "value": book.here_now, "kind": "neutral"},
            {
                "label": "Uncollected",
                "value": book.uncollected,
                "kind": "attention" if book.uncollected else "neutral",
                "url": reverse("devices:uncollected", args=[self.school.slug]) if book.uncollected else "",
            },
        ]

    def book(self) -> DayBook:
        """The day's book: counted now for a page, at most every other second while devices are handed back."""
        key = (self.school.pk, self.today)
        known = kept_books.get(key)
        if self.is_htmx and known is not None and time.monotonic() - known[0] < _BOOK_FOR:
            return known[1]
        book = day_book(self.school, self.today)
        if len(kept_books) > 200:
            kept_books.clear()
        kept_books[key] = (time.monotonic(), book)
        return book

    def _count(self, stay: CustodyRecord) -> None:
        """Add what has just been handed back to the figures of this process."""
        known = kept_books.get((self.school.pk, self.today))
        if known is None:
            return
        counted, book = known
        today = stay.day == self.today
        moved = replace(
            book,
            returned=book.returned + today,
            still_here=book.still_here - today,
            kept_from_before=book.kept_from_before - (not today),
        )
        kept_books[self.school.pk, self.today] = (counted, moved)

    def recent(self) -> list[CustodyRecord]:
        return recent_returns(self.school, self.today)

    def row_of(self, stay: CustodyRecord) -> dict[str, Any]:
        return {
            "kind": "ok",
            "word": "Given back",
            "time": clock(stay.closed_at) if stay.closed_at else "",
            "detail": f"slot {stay.slot.label}" if stay.slot else "",
            "correct_url": reverse("devices:correct", args=[self.school.slug, stay.pk]),
        } | self.naming(stay.pupil)

    def ready_text(self) -> str:
        return "Scan a slot, a code or a pupil, or type a name. Enter records that it was given back."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if "row" not in context:
            context["book"] = self.book()
        return context
