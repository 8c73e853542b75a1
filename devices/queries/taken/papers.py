"""Documents as they were made, who may read them, and the wording in force."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from core.people.access import permissions_in
from core.people.models import Contact, School, User
from core.people.queries import contacts_to_tell
from core.people.roles import Permission
from devices.enums import DocumentKind
from devices.models import CustodyRecord, DocumentWording, IssuedDocument, PoliceHandover, PrintJob, SearchRecord
from devices.queries.taken.release import taken_now
from devices.workflow import TAKEN_STATES

# Who makes a document, and so who reads it again.
NEEDS: dict[DocumentKind, Permission] = {
    DocumentKind.RECEIPT: Permission.RELEASE_DEVICE,
    DocumentKind.LETTER: Permission.RELEASE_DEVICE,
    DocumentKind.SLIP: Permission.RELEASE_DEVICE,
    DocumentKind.CLAIM_PACK: Permission.RELEASE_DEVICE,
    DocumentKind.CHAIN: Permission.LEAD_CUSTODY,
    DocumentKind.POLICE_RECEIPT: Permission.LEAD_CUSTODY,
    DocumentKind.SEARCH: Permission.VIEW_SEARCHES,
}
# What goes to a family, and so to nobody while the DSL keeps it from parents.
FOR_FAMILIES = frozenset({DocumentKind.RECEIPT, DocumentKind.LETTER, DocumentKind.SLIP, DocumentKind.CLAIM_PACK})


def documents_visible_to(user: User, school: School) -> QuerySet[IssuedDocument]:
    """The documents of the kinds that this person may read, without their content, newest first.

    What went to a family about a device that the DSL keeps from parents is for the DSL.
    """
    held = permissions_in(user, school)
    kinds = [kind for kind, needed in NEEDS.items() if needed in held]
    found: QuerySet[IssuedDocument] = IssuedDocument.objects.filter(school=school, kind__in=kinds)
    if Permission.SET_DO_NOT_INFORM not in held:
        found = found.annotate(kept=Coalesce(F("custody__confiscation__withheld"), False)).filter(
            Q(kept=False) | ~Q(kind__in=FOR_FAMILIES)
        )
    return found.select_related("made_by", "pupil__form").defer("content", "facts")


def document_content(document: IssuedDocument) -> bytes:
    """The PDF as it was made."""
    return bytes(IssuedDocument.objects.filter(pk=document.pk).values_list("content", flat=True).get())


def letters_open_to(user: User, job: PrintJob) -> bool:
    """Whether this person may still read every letter of a print: what the DSL kept back since is the DSL's alone."""
    made = list(job.wanted.get("made", {}).values())
    return documents_visible_to(user, job.school).filter(pk__in=made).count() == len(made)


def wordings_of(school: School, kind: DocumentKind) -> QuerySet[DocumentWording]:
    """Every edition of one wording, newest first."""
    found: QuerySet[DocumentWording] = DocumentWording.objects.filter(school=school, kind=kind)
    return found.select_related("saved_by").order_by("-number")


def wording_row(school: School, kind: DocumentKind) -> DocumentWording | None:
    """The edition in force; None while the school uses the product's own first wording."""
    return wordings_of(school, kind).first()


def last_handover(stay: CustodyRecord) -> PoliceHandover | None:
    """What the police were given last."""
    found: PoliceHandover | None = (
        PoliceHandover.objects.filter(custody=stay).select_related("handed_by").order_by("-handed_at", "-id").first()
    )
    return found


def stays_to_write_about(user: User, school: School) -> list[tuple[CustodyRecord, Contact]]:
    """Taken devices that wait to go back, each with the first adult who may be told; left out are those held, those
    kept from parents, and those nobody may be told of. Three statements."""
    waiting = taken_now(school).filter(state__in=TAKEN_STATES, confiscation__isnull=False)
    stays = list(waiting.select_related("confiscation"))
    if Permission.SET_DO_NOT_INFORM not in permissions_in(user, school):
        stays = [stay for stay in stays if not stay.confiscation.withheld]
    adults = contacts_to_tell(school, {stay.pupil_id for stay in stays})
    return [(stay, adults[stay.pupil_id][0]) for stay in stays if adults.get(stay.pupil_id)]


def search_for_paper(search: SearchRecord) -> SearchRecord:
    """The search with all that its record on paper names."""
    found: SearchRecord = SearchRecord.objects.select_related(
        "school", "pupil__form", "searcher", "witness", "item", "custody__device__type", "closed_by"
    ).get(pk=search.pk)
    return found
