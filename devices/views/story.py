"""One device's whole story, in order: what happened, who did it, where and why, and who looked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.text import capfirst

from core.audit.enums import Outcome
from core.audit.models import Entry
from core.people.models import User
from core.people.roles import Permission
from devices.enums import DocumentKind
from devices.models import ParentNotice, ReleaseRefusal
from devices.queries import last_stay_of
from devices.queries.taken import device_story
from devices.queries.taken.story import DeviceStory
from devices.timeline import timeline_rows, when
from devices.views.devices import OneDeviceView

ASK_DSL = "Held. Ask the DSL."


class StoryView(OneDeviceView):
    """Everything about one device, oldest first (law EX-5). What is restricted is shown to those who may see it.

    Opening the page is on record.
    """

    permission = Permission.VIEW_HELD
    template_name = "devices/story.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        device = self.device
        sees_holds = self.may(Permission.LIFT_HOLD)
        story = device_story(
            device,
            holds=sees_holds,
            police=self.may(Permission.LEAD_CUSTODY),
            searches=self.may(Permission.VIEW_SEARCHES),
            undecided=self.may(Permission.SET_DO_NOT_INFORM),
        )
        self.note_view("devices.view_story", device)
        is_dsl = self.may(Permission.SET_DO_NOT_INFORM)
        told = story_lines(story, child=self.child, sees_withheld=sees_holds, is_dsl=is_dsl)
        lines = sorted(told, key=lambda line: line["at"])
        stay = last_stay_of(device)
        return self.render(
            force_missing=self._force_missing(story),
            papers_url=self.url("papers", stay.pk) if stay is not None else "",
            events=lines,
            looked=looked_lines(story.looked, story.lookers),
            sees_holds=sees_holds,
            breadcrumbs=self.crumbs(
                device.pupil,
                (capfirst(device.description), self.url("device", device.pk)),
                ("The whole story", ""),
            ),
        )

    def _force_missing(self, story: DeviceStory) -> list[dict[str, str]]:
        """Takings with force that nobody has written down, and for those who may the way to write it (SE-13)."""
        leads = self.may(Permission.VIEW_SEARCHES)
        return [
            {
                "label": f"Record the use of force of {when(taking.taken_at)}",
                "url": self.url("seizure-force", taking.custody_id)
                if leads or taking.taken_by_id == self.actor.pk
                else "",
                "hint": f"Taken by {taking.taken_by.display_name}.",
                "kind": "attention",
                "word": "Not recorded",
            }
            for taking in story.takings
            if getattr(taking, "force_missing", False)
        ]


def line(
    at: datetime, title: str, by: User | None, said: Iterable[str], kind: str = "info", word: str = ""
) -> dict[str, Any]:
    """One entry as `components/timeline.html` shows it, with its moment to sort by."""
    parts = [part if part.endswith((".", "!", "?", "…")) else f"{part}." for part in said if part]
    return {
        "at": at,
        "when": when(at),
        "title": title,
        "by": by.display_name if by is not None else "",
        "text": " ".join(parts),
        "kind": kind,
        "word": word,
    }


def story_lines(story: DeviceStory, *, child: str, sees_withheld: bool, is_dsl: bool) -> list[dict[str, Any]]:
    """Every row of a story as an entry, in no order yet."""
    lines = [
        {**row, "at": event.at}
        for event, row in zip(story.events, timeline_rows(story.events, child=child), strict=True)
    ]
    lines += _takings(story, sees_withheld) + _releases(story) + _restricted(story)
    lines += [entry for notice in story.notices for entry in _notice(notice, sees_withheld, is_dsl)]
    lines += [
        line(
            made.made_at,
            f"Document made: {DocumentKind(made.kind).label.lower()}",
            made.made_by,
            [made.title],
            "neutral",
        )
        for made in story.documents
    ]
    return lines


def _takings(story: DeviceStory, sees_withheld: bool) -> list[dict[str, Any]]:
    lines = []
    for taking in story.takings:
        witness = taking.witness.display_name if taking.witness else taking.witness_name
        said = (
            [ASK_DSL]
            if taking.withheld and not sees_withheld
            else [
                f"Ground: {taking.ground_words}",
                taking.get_because_display(),
                taking.seen,
                f"Where: {taking.taken_where}",
                f"Seen by {witness}" if witness else "",
                f"Sealed bag {taking.bag}" if taking.bag else "",
            ]
        )
        lines.append(
            line(taking.taken_at, f"Why it was taken: {taking.get_basis_display().lower()}", taking.taken_by, said)
        )
        if taking.signed_off_at is not None:
            lines.append(line(taking.signed_off_at, "Holding it longer was signed off", taking.signed_off_by, [], "ok"))
    return lines


def _releases(story: DeviceStory) -> list[dict[str, Any]]:
    return [
        *(
            line(one.decided_at, "A parent or carer is to collect it", one.decided_by,
                 [one.get_trigger_display(), one.reason], "attention")
            for one in story.escalations
        ),
        *(
            line(one.decided_at, f"Decided who may have it back: {one.get_to_display().lower()}", one.decided_by,
                 [one.reason, f"From {when(one.not_before)}"])
            for one in story.decisions
        ),
        *(
            line(one.refused_at, f"Refused to {_claimant(one)}", one.refused_by, [one.sentence, f"Rule {one.rule}"],
                 "stop", "Refused")
            for one in story.refusals
        ),
        *(
            line(one.released_at, f"Collected by {one.collector_name}", one.released_by,
                 [one.relationship, f"Identity: {one.get_identity_display().lower()}", one.identity_note,
                  one.get_signed_display(), f"Condition: {one.condition}", f"Where: {one.where}"])
            for one in story.releases
        ),
    ]  # fmt: skip


def _claimant(refusal: ReleaseRefusal) -> str:
    return refusal.claimant_name or refusal.get_claimant_display().lower()


def _restricted(story: DeviceStory) -> list[dict[str, Any]]:
    """What only those see whose role lets them: the query left the rest out."""
    lines = []
    for hold in story.holds:
        said = [hold.get_reason_display(), hold.note, f"Sealed bag {hold.bag}" if hold.bag else ""]
        lines.append(line(hold.placed_at, "Why it was held", hold.placed_by, said, "stop", "Restricted"))
        if hold.lifted_at is not None:
            lines.append(
                line(
                    hold.lifted_at, "Why the hold was lifted", hold.lifted_by, [hold.lifted_because], "ok", "Restricted"
                )
            )
    for handed in story.handovers:
        said = [
            f"{handed.officer_name}, {handed.officer_number}, {handed.station}", f"Reference {handed.reference}",
            f"Items: {handed.items}", f"Condition: {handed.condition}",
            f"Sealed bag {handed.bag}" if handed.bag else "",
            "The officer signed the receipt" if handed.officer_signed else "The officer did not sign the receipt",
        ]  # fmt: skip
        lines.append(line(handed.handed_at, "What the police were given", handed.handed_by, said, "stop", "Restricted"))
        if handed.returned_at is not None:
            back = [
                f"From {handed.returned_by_officer}", f"Condition: {handed.returned_condition}",
                f"Reference {handed.returned_reference}" if handed.returned_reference else "",
            ]  # fmt: skip
            lines.append(
                line(
                    handed.returned_at, "What the police gave back", handed.returned_to, back, "attention", "Restricted"
                )
            )
    if story.holds:  # whoever sees why it was held also sees why it was decided as it was
        lines += [
            line(event.at, "Why it was decided so after the police", event.by, [event.note], "info", "Restricted")
            for event in story.events
            if event.from_state == "back_from_police" and event.note
        ]
    for search in story.searches:
        said = [f"By {search.searcher.display_name}", search.get_state_display()]
        lines.append(line(search.opened_at, "A search was opened", search.opened_by, said, "attention", "Restricted"))
    for deletion in story.deletions:
        said = [deletion.rule_broken, deletion.reason, deletion.get_state_display(), deletion.decision]
        lines.append(
            line(
                deletion.requested_at,
                "A deletion was asked for",
                deletion.requested_by,
                said,
                "attention",
                "Restricted",
            )
        )
    return lines


def _notice(notice: ParentNotice, sees_withheld: bool, is_dsl: bool) -> list[dict[str, Any]]:
    """One thing told or to tell. Why it is withheld the DSL and deputies read, and nobody else (CNF-13)."""
    about = notice.get_about_display()
    if notice.withheld_at is not None:
        if not sees_withheld:
            return []
        return [
            line(notice.withheld_at, "Not told to a parent or carer: withheld", notice.withheld_by,
                 [about, notice.withheld_because if is_dsl else ""], "stop", "Restricted")
        ]  # fmt: skip
    if notice.dropped_at is not None:
        said = [about, notice.dropped_because]
        return [line(notice.dropped_at, "A parent or carer is not told", notice.dropped_by, said, "neutral")]
    if notice.told_at is not None:
        to = notice.contact.display_name if notice.contact else ""
        said = [about, f"{notice.get_told_how_display()}{f', {to}' if to else ''}"]
        return [line(notice.told_at, "A parent or carer was told", notice.told_by, said, "ok")]
    said = [about, f"By {when(notice.due_at)}", f"Tried {notice.tries} times" if notice.tries else ""]
    return [line(notice.opened_at, "A parent or carer is to be told", None, said, "waiting", "To do")]


def looked_lines(entries: list[Entry], people: dict[int, User]) -> list[dict[str, Any]]:
    """Who opened or printed what, as the record has it."""
    done = {Outcome.VIEWED: "Opened", Outcome.EXPORTED: "Printed or taken out"}
    lines = []
    for entry in entries:
        person = people.get(entry.actor_id or 0)
        words = {
            "devices.view_story": "the whole story", "devices.view_hold": "the evidence hold",
            "devices.print_timeline": "the chain of custody",
        }.get(entry.action, "a page about it")  # fmt: skip
        lines.append(line(entry.at, f"{done[Outcome(entry.outcome)]}: {words}", person, [], "neutral"))
    return lines
