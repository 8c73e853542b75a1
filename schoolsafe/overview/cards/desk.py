"""Cards of the desk and of tutors: how the day stands, what was not collected, what waits, whom nobody saw."""

from __future__ import annotations

from typing import Any

from core.kit.times import clock, day, waited
from core.people.roles import Permission
from devices.queries import (
    day_totals,
    handin_types,
    is_overdue,
    last_chase,
    last_close,
    messages_visible_to,
    not_seen,
    uncollected,
    undelivered,
)
from schoolsafe.overview.cards.base import SHOWN, Card, Viewer, how_many, links_to
from schoolsafe.overview.queries import forms_tutored_by


def desk_today(viewer: Viewer) -> Card | None:
    """Office and whoever else takes devices in: how the day stands."""
    if not viewer.may(Permission.VIEW_REGISTER) or not viewer.may(Permission.LOG_CUSTODY):
        return None
    types = handin_types(viewer.school, viewer.today)
    totals = day_totals(viewer.school, viewer.today, handin_types=types)
    counters: list[dict[str, Any]] = [
        {"label": "Handed in", "value": totals.handed_in, "of": totals.expected or None, "kind": "ok"},
        {"label": "No device today", "value": totals.none_today, "kind": "neutral"},
        {"label": "Not seen", "value": totals.not_seen, "kind": "attention" if viewer.is_past_cutoff else "neutral"},
        {"label": "Still here", "value": totals.here_now, "kind": "info"},
    ]
    if viewer.is_past_cutoff and totals.refused:
        counters.append({"label": "Asked and did not hand in", "value": totals.refused, "kind": "neutral"})
    return Card(
        title="Devices today",
        counters=counters if viewer.is_school_day or totals.handed_in else [],
        done="No school today.",
        links=links_to(
            viewer,
            ("devices:arrivals", "Open arrivals"),
            ("devices:returns", "Hand back"),
            ("devices:register", "Register"),
            ("devices:absences", "Absent today"),
            ("devices:chase", "Not seen yet"),
            ("devices:close-day", "Close the day"),
        ),
        note=_told_and_closed(viewer),
    )


def _told_and_closed(viewer: Viewer) -> str:
    """Whether tutors were told and the day was closed, so that silence does not look like done."""
    told, closed = last_chase(viewer.school, viewer.today), last_close(viewer.school, viewer.today)
    said = f"Tutors were told at {clock(told.sent_at)}." if told else ""
    return f"{said} The day was closed at {clock(closed.closed_at)}.".strip() if closed else said


def devices_uncollected(viewer: Viewer) -> Card | None:
    """Devices that nobody collected by office close."""
    if not viewer.may(Permission.LOG_CUSTODY) or not viewer.may(Permission.VIEW_REGISTER):
        return None
    waiting = list(uncollected(viewer.school)[: SHOWN + 1])
    url = viewer.url("devices:uncollected")
    return Card(
        title="Not collected",
        tasks=[
            {
                "label": custody.pupil.display_name,
                "url": viewer.url("people:pupil", custody.pupil_id),
                "hint": f"Here since {day(custody.day)}",
                "kind": "attention",
                "word": "Not collected",
            }
            for custody in waiting[:SHOWN]
        ],
        note="There are more." if len(waiting) > SHOWN else "",
        done="No device was left uncollected.",
        links=[{"label": "See them all", "url": url}] if waiting and url else [],
    )


def messages_waiting(viewer: Viewer) -> Card | None:
    """Messages for pupils that have not reached them: all of them for the office, for tutors those of their forms."""
    if not viewer.may(Permission.VIEW_PUPIL_DETAIL):
        return None
    seen = messages_visible_to(viewer.user, viewer.school, today=viewer.today)
    waiting = list(undelivered(seen)[: SHOWN + 1])
    if not waiting and not viewer.may(Permission.LOG_CUSTODY):
        return None
    url = viewer.url("devices:messages")
    return Card(
        title="Messages",
        tasks=[
            {
                "label": message.pupil.display_name,
                "url": url,
                "hint": f"Taken {waited(message.taken_at, viewer.now)}",
                "kind": "attention" if is_overdue(message, viewer.now) else "info",
                "word": "Urgent, late" if is_overdue(message, viewer.now) else "Not delivered",
            }
            for message in waiting[:SHOWN]
        ],
        note=_how_many_wait(len(waiting)),
        done="Every message has reached its reader.",
        links=links_to(viewer, ("devices:messages", "Messages"), ("devices:calls", "Calls home")),
    )


def _how_many_wait(number: int) -> str:
    if not number:
        return ""
    if number > SHOWN:
        return f"More than {SHOWN} messages are not delivered."
    return f"{how_many(number, 'message', 'messages')} not delivered."


def own_forms(viewer: Viewer) -> Card | None:
    """A tutor's forms: whose device has not been seen today. It is a list to ask about, not a list of offences."""
    forms = forms_tutored_by(viewer.user, viewer.school, viewer.today)
    if not forms or not viewer.may(Permission.VIEW_REGISTER):
        return None
    title = "Your form" if len(forms) == 1 else "Your forms"
    names = " and ".join(form.name for form in forms)
    if not viewer.is_school_day:
        return Card(title=title, done="No school today.")
    if not viewer.is_past_cutoff and viewer.cutoff is not None:
        soon = f"Hand-in is open until {clock(viewer.cutoff)}. Who in {names} is not seen by then is listed here."
        return Card(title=title, done=soon, links=links_to(viewer, ("devices:register", "Register")))
    types, own = handin_types(viewer.school, viewer.today), {form.pk for form in forms}
    unseen = not_seen(viewer.school, viewer.today, handin_types=types).filter(form__in=own)
    pupils = [(pupil.form, pupil) for pupil in unseen]
    return Card(
        title=title,
        tasks=[
            {
                "label": pupil.sort_name,
                "url": viewer.url("people:pupil", pupil.pk),
                "hint": form.name if form and len(forms) > 1 else "",
                "kind": "attention",
                "word": "Not seen",
            }
            for form, pupil in pupils[:SHOWN]
        ],
        note=f"And {len(pupils) - SHOWN} more." if len(pupils) > SHOWN else "",
        done=f"Everyone in {names} who usually brings a device has been seen.",
        links=links_to(viewer, ("devices:chase", "Not seen yet"), ("devices:register", "Register")),
    )
