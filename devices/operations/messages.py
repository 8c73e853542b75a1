"""Messages for pupils that the office takes and passes on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.urls import reverse

from core.audit.operations import operation, record
from core.kit.refusals import Refusal
from core.notices.operations import notify
from core.people.access import NotPermitted, has, require
from core.people.calendar import london_day
from core.people.models import Contact, Pupil, School, User
from core.people.queries import tutors_of_forms
from core.people.roles import Permission
from devices.models import OfficeMessage
from devices.operations.calls import named, tell_dsl
from devices.queries.office import messages_visible_to


class AskDslFirst(Refusal):
    """The message is from an adult about whom the DSL is to be asked before anything is passed on."""

    default_field = "ask_dsl"


class MessageIsEmpty(Refusal):
    """There is nothing to pass on."""

    default_field = "text"


class AlreadyDelivered(Refusal):
    """Somebody marked the message as delivered before."""


@operation("devices.take_message")
def take_message(
    *,
    school: School,
    actor: User,
    at: datetime,
    pupil: Pupil,
    text: str,
    contact: Contact | None = None,
    from_name: str = "",
    is_urgent: bool = False,
    ask_dsl: bool = False,
    submission: UUID | None = None,
) -> OfficeMessage:
    """Keep a message for a pupil until it has reached them (DEV-27, law PH-4). No device is given back for it.

    Who may: LOG_CUSTODY. The pupil's tutors are told that there is one, without a name. From an adult who may not
    collect it is taken only once `ask_dsl` says that the DSL is asked; a DSL is told by itself where that adult is
    not to be informed, and nobody else. Raises `AskDslFirst`, `MessageIsEmpty` and `NobodyNamed`.
    """
    require(actor, Permission.LOG_CUSTODY, school)
    if not text.strip():
        raise MessageIsEmpty("Enter the message.", rule="DEV-27")
    known, name = named(pupil, contact, from_name)
    asks = known is not None and not known.may_collect
    if asks and not ask_dsl:
        raise AskDslFirst(
            "Ask the DSL before anything from this adult is passed on. Tick the box: the message is kept until then.",
            rule="ORG-13",
        )
    message = OfficeMessage(
        school=school,
        pupil=pupil,
        contact=known,
        from_name=name,
        text=text.strip(),
        is_urgent=is_urgent,
        taken_at=at,
        taken_by=actor,
    )
    message.stamp(by=actor, at=at)
    message.save()
    if known is not None and known.do_not_inform:
        tell_dsl(school, pupil, at, kind="devices.message_barred", key=f"devices.message_barred.{message.pk}")
    if not asks:
        _tell_tutors(school, pupil, message, at)
    record(
        school=school,
        actor=actor,
        action="devices.take_message",
        at=at,
        obj=message,
        submission=submission,
        detail={"urgent": is_urgent, "dsl_asked": bool(asks)},
    )
    return message


def _tell_tutors(school: School, pupil: Pupil, message: OfficeMessage, at: datetime) -> None:
    of_form = tutors_of_forms(school, london_day(at)).get(pupil.form_id or 0, [])
    tutors = [person for person in of_form if has(person, Permission.VIEW_PUPIL_DETAIL, school)]
    if tutors:
        notify(
            school=school,
            recipients=tutors,
            kind="devices.message",
            subject="A message waits for somebody in your form",
            body="The office took it. Mark it as delivered when it has reached them.",
            url=reverse("devices:messages", args=[school.slug]),
            at=at,
            dedupe_key=f"devices.message.{message.pk}",
        )


@operation("devices.deliver_message")
def deliver_message(
    *,
    school: School,
    actor: User,
    at: datetime,
    message: OfficeMessage,
    how: str,
    submission: UUID | None = None,
) -> OfficeMessage:
    """Mark a message as delivered, and how (DEV-27). Whoever may see it: the office, and the pupil's tutors.

    Raises `AlreadyDelivered`, which says by whom, and `NotPermitted`.
    """
    require(actor, Permission.VIEW_PUPIL_DETAIL, school)
    if (
        actor is not None
        and not messages_visible_to(actor, school, today=london_day(at)).filter(pk=message.pk).exists()
    ):
        raise NotPermitted("Only the office and the pupil’s tutors pass this on.", rule="ORG-10")
    held: OfficeMessage = OfficeMessage.objects.select_for_update(of=("self",)).get(school=school, pk=message.pk)
    if held.delivered_at is not None:
        by = held.delivered_by.display_name if held.delivered_by else "the office"
        raise AlreadyDelivered(f"It was marked as delivered already, by {by}.", rule="DEV-27")
    held.delivered_at, held.delivered_by, held.delivered_how = max(at, held.taken_at), actor, how
    held.stamp(by=actor, at=at)
    held.save()
    record(
        school=school,
        actor=actor,
        action="devices.deliver_message",
        at=at,
        obj=held,
        submission=submission,
        detail={"how": how},
    )
    return held
