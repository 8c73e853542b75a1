"""What a signing link and the visit that it opened let somebody see, and nothing beside (security 5.3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from agreements.enums import AgreementState, Capacity, PaperKind, SignatoryState
from agreements.models import ImageConsent, LinkItem, SealedDocument, Signatory, Signature, SigningLink, SigningVisit
from core.people.calendar import london_day
from core.people.models import Contact, Pupil

NOT_THEIRS = "Somebody said that it is not their child."  # why a link was stopped
ASKED = (SignatoryState.NOT_SENT, SignatoryState.SENT, SignatoryState.VIEWED)
# Who said no, or took a signature back, is not asked again, but may think again and ask for it (law AG-1).
MAY_SIGN = (*ASKED, SignatoryState.DECLINED, SignatoryState.TAKEN_BACK)
IDLE = timedelta(minutes=30)
_OPEN = (
    AgreementState.ISSUED,
    AgreementState.PARTLY_SIGNED,
    AgreementState.REFUSED,
    AgreementState.COMPLETE,
    AgreementState.IN_FORCE,
    AgreementState.TO_RENEW,
)


def may_be_asked(row: Signatory, today: date) -> bool:
    """Whether this person is still asked: not barred, not ended, the child on roll, the agreement not over (AG-5)."""
    contact, pupil = row.contact, row.agreement.pupil
    if contact is None or pupil is None or row.agreement.state not in _OPEN:
        return False
    return _is_reached(contact, pupil, today) and row.state != SignatoryState.NOT_ASKED


def may_answer(contact: Contact, today: date) -> bool:
    """Whether this adult can be asked about images of the child, and written to (law AG-5)."""
    return _is_reached(contact, contact.pupil, today) and contact.has_parental_responsibility is not False


def _is_reached(contact: Contact, pupil: Pupil, today: date) -> bool:
    ended = contact.ended_on is not None and contact.ended_on < today
    left = pupil.left_on is not None and pupil.left_on < today
    return not (contact.do_not_inform or ended or left)


def is_open_item(item: LinkItem, today: date) -> bool:
    """Whether this can still be sent by its link: not sent yet, and the person still asked."""
    if item.used_at is not None:
        return False
    if item.signatory is not None:
        return item.signatory.state in MAY_SIGN and may_be_asked(item.signatory, today)
    return item.consent is not None and item.consent.contact is not None and may_answer(item.consent.contact, today)


def open_link(digest: str, at: datetime) -> SigningLink | None:
    """The link of this digest if it opens anything now; unknown, used, withdrawn and run-out ones are all None."""
    link = SigningLink.objects.filter(token_hash=digest, withdrawn_at__isnull=True, expires_at__gt=at).first()
    return link if link is not None and any(waiting_on(link, london_day(at))) else None


def open_visit(digest: str, at: datetime) -> SigningVisit | None:
    """The visit of this key while it lasts, and while its link does."""
    return (
        SigningVisit.objects.select_related("link__contact")
        .filter(
            key_hash=digest,
            ended_at__isnull=True,
            ends_at__gt=at,
            seen_at__gt=at - IDLE,
            link__withdrawn_at__isnull=True,
            link__expires_at__gt=at,
        )
        .first()
    )


def link_of(digest: str) -> SigningLink | None:
    """The link of this digest, open or not; for who asks for a new one."""
    return SigningLink.objects.filter(token_hash=digest).first()


def link_of_visit(digest: str) -> SigningLink | None:
    """The link that a visit of this key came from, over or not."""
    return SigningLink.objects.filter(visits__key_hash=digest).first()


def items_of(link: SigningLink) -> QuerySet[LinkItem]:
    """All that the link names, with what a page shows of each."""
    return items_among([link])


def items_among(links: Iterable[SigningLink]) -> QuerySet[LinkItem]:
    """All that these links name."""
    return (
        LinkItem.objects.filter(link__in=list(links))
        .select_related(
            "link", "signatory__contact", "signatory__agreement__pupil__form", "consent__contact__pupil__form"
        )
        .order_by("pk")
    )


def waiting_on(link: SigningLink, today: date) -> list[LinkItem]:
    """What can still be sent by this link, in the order of the children."""
    found = [one for one in items_of(link) if is_open_item(one, today)]
    return sorted(found, key=lambda one: (about(one)["forename"], one.pk))


def about(item: LinkItem) -> dict[str, str]:
    """The child that it is about: first name and form, and nothing else."""
    if item.signatory is not None:
        said = item.signatory.agreement.wording["about"]
        return {"forename": str(said["forename"]), "form": str(said["form"])}
    assert item.consent is not None and item.consent.contact is not None
    pupil = item.consent.contact.pupil
    return {"forename": pupil.forename, "form": pupil.form.name if pupil.form is not None else ""}


def said_not_theirs(contacts: Iterable[int | None]) -> set[int]:
    """Those of these contacts whose newest link was stopped because somebody said that it is not their child."""
    newest: dict[int, tuple[datetime, str]] = {}
    wanted = [key for key in contacts if key is not None]
    for way in ("signatory__contact", "consent__contact"):
        rows = LinkItem.objects.filter(**{f"{way}__in": wanted}).order_by("link__made_at", "link_id")
        for key, made, why in rows.values_list(way, "link__made_at", "link__withdrawn_because"):
            if key not in newest or newest[key][0] <= made:
                newest[key] = (made, why)
    return {key for key, (_made, why) in newest.items() if why == NOT_THEIRS}


def sent_by(link: SigningLink, item: int) -> Signature | None:
    """The signature that this item of this link brought."""
    return (
        Signature.objects.filter(link=link, signatory__link_items__pk=item, signatory__link_items__link=link)
        .select_related("agreement")
        .order_by("-signed_at")
        .first()
    )


def copy_for(signature: Signature) -> SealedDocument | None:
    """The sealed document that their signature is in, once it is made; none where another parent or carer is on it too,
    for each sees nothing of the other (law AG-5)."""
    others = Signatory.objects.filter(agreement=signature.agreement_id, capacity=Capacity.PARENT)
    if others.exclude(pk=signature.signatory_id).exists():
        return None
    made = SealedDocument.objects.filter(agreement=signature.agreement_id, kind=PaperKind.SIGNED)
    return made.filter(made_at__gte=signature.signed_at).select_related("agreement").order_by("-number").first()


def answered_by(link: SigningLink) -> list[ImageConsent]:
    """What was answered about images by this link, or signed as a form: it may be changed at any time (law AG-4)."""
    found: dict[int, ImageConsent] = {}
    for item in items_of(link):
        if item.consent is not None and item.used_at is not None:
            found[item.consent.pk] = item.consent
    signed = ImageConsent.objects.filter(signature__link=link).select_related("contact__pupil__form")
    return list(({row.pk: row for row in signed} | found).values())
