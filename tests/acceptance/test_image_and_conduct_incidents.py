"""The scenarios of the image-and-conduct preset about suspected images."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from core.notices.models import Notice
from core.people.models import School
from core.people.roles import Role
from devices.enums import State
from devices.models import CustodyRecord
from incidents.enums import ImageState, ImageTaskKind, IncidentType
from incidents.models import ImageTask, Incident, ViewingException
from incidents.queries.images import emergency_blocks
from tests.acceptance.conftest import Person, shown
from tests.acceptance.taken import Family, family

Clock = Callable[[int, int], None]
AsRole = Callable[[Role], Person]
PICTURES = {"shot.png": "image/png", "notes.txt": "text/plain", "list.csv": "text/csv", "page.pdf": "application/pdf"}
ABOUT = {
    "place": "personal_device", "role": "affected", "raised_by": "pupil", "shared": "pressure", "spread": "few",
    "threats": "not_known", "adult_involved": "not_known", "under_13": "not_known", "made_by_software": "not_known",
    "account": "Her friend told me at break that a picture is going round.", "holders": "Perhaps two in 9C.",
}  # fmt: skip


@pytest.fixture
def preset() -> str:
    return "image-and-conduct"


@pytest.fixture
def people(place: School, clock: Clock) -> Family:
    return family(place, timezone.now())


def task_page(kind: ImageTaskKind) -> str:
    return f"incidents/image/tasks/{ImageTask.objects.get(kind=kind).pk}/"


def picture(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"\x89PNG\r\n\x1a\n", PICTURES[name])


def test_unn_s1_neg_a_teacher_files_a_suspected_nude_image_on_a_pupils_phone(
    place: School, people: Family, as_role: AsRole, clock: Clock, at: datetime
) -> None:
    """UNN-S1 NEG (IMG-01 to IMG-06): given a teacher files a suspected nude image on a pupil's phone, when saving, then
    the form has no upload, the device must be marked confiscated and secured, the DSL is told, and a record exists with
    context but no content. Any request to attach a picture is refused."""
    teacher, dsl, office = as_role(Role.TEACHER), as_role(Role.DSL), as_role(Role.OFFICE)
    clock(10, 40)
    assert "Whose device it is" in shown(teacher.opens("incidents/image/"))
    page = f"incidents/image/pupils/{people.amara.pk}/"
    form = teacher.opens(page)
    said = shown(form)
    for line in (
        "Do not look at it",
        "copy, print, share, store, save, send, move",
        "software made the picture",
        "Say to pupils",
    ):
        assert line in said
    assert b'type="file"' not in form.content
    assert b"multipart" not in form.content

    # No file by any name, and no report that leaves out whether the device is secured.
    for name in PICTURES:
        refused = teacher.sends(page, **ABOUT, device=f"device-{people.phone.pk}", photo=picture(name))
        assert refused.status_code == 415
    unsaid = teacher.sends(page, **ABOUT)
    assert unsaid.status_code == 422
    assert "Say whether the device is secured" in shown(unsaid)
    assert "Her friend told me at break" in unsaid.content.decode()
    described = teacher.sends(
        page, **ABOUT | {"account": "The picture shows her", "device": "not", "not_secured": "Home"}
    )
    assert described.status_code == 422
    assert "It does not say what the picture shows" in shown(described)
    assert not Incident.objects.exclude(state="draft").exists()

    taken = {"device": f"device-{people.phone.pk}", "taken_where": "Room 4", "bag": "E-114"}
    sent = teacher.sends(page, **ABOUT, **taken, pupils_told="Both friends", circumstances_weighed="on")
    made = Incident.objects.get(type=IncidentType.IMAGE)
    assert made.reference in shown(sent)
    assert "Kovacs" not in sent.request["PATH_INFO"]
    stay = CustodyRecord.objects.get()
    assert (stay.state, stay.confiscation.taken_where, made.custody) == (State.EVIDENCE_HOLD, "Room 4", stay)
    assert stay.confiscation.taken_at == timezone.now()
    assert made.image_case.state == ImageState.DSL_NOTIFIED

    # The DSL is told urgently, reads context and no content; acknowledging has its time; nobody else reads it.
    notice = Notice.objects.get(recipient=dsl.user, kind="incidents.reported")
    assert notice.is_urgent
    course = f"incidents/case/{made.pk}/image/"
    read = shown(dsl.opens(course))
    assert "Under pressure" in read
    assert "Perhaps two in 9C." in read
    clock(10, 44)
    assert dsl.sends(f"incidents/case/{made.pk}/acknowledge/").status_code == 200
    made.refresh_from_db()
    assert (made.acknowledged_by, made.acknowledged_at) == (dsl.user, timezone.now())
    made.image_case.refresh_from_db()
    assert made.image_case.state == ImageState.DSL_ACKNOWLEDGED
    for person in (teacher, office):
        assert person.opens(course).status_code == 404
        assert person.opens(f"incidents/case/{made.pk}/").status_code == 404
    for after in ("police", "support", "review", "viewing", "place"):
        for name in PICTURES:
            assert dsl.sends(f"{course}{after}/", file=picture(name)).status_code == 415


def test_unn_s1_a_device_that_is_not_secured_keeps_the_first_response_open(
    place: School, people: Family, as_role: AsRole, clock: Clock
) -> None:
    """UNN-S1 (IMG-03): reported while the phone is still with the pupil, the first response waits for the device; the
    teacher secures it afterwards from the task."""
    teacher, dsl = as_role(Role.TEACHER), as_role(Role.DSL)
    page = f"incidents/image/pupils/{people.amara.pk}/"
    sent = teacher.sends(page, **ABOUT, device="not", not_secured="She ran off with it.", pupils_told="Her friend")
    assert "Device confiscated and secured" in shown(sent)
    made = Incident.objects.get(type=IncidentType.IMAGE)
    dsl.sends(f"incidents/case/{made.pk}/acknowledge/")
    said = {"assessed_with": "nobody else", "immediate_risk": "no", "beyond_age": "no", "assessment": "Not known yet."}
    review = ABOUT | said
    early = dsl.sends(f"incidents/case/{made.pk}/image/review/", **review)
    assert early.status_code == 422
    assert "first response is not complete" in shown(early)
    task = task_page(ImageTaskKind.SECURE_DEVICE)
    assert teacher.sends(task, words="It is in my drawer").status_code == 422
    clock(10, 5)
    teacher.sends(task, device=f"device-{people.phone.pk}", taken_where="Gate", circumstances_weighed="on")
    assert CustodyRecord.objects.get().state == State.EVIDENCE_HOLD
    made.image_case.refresh_from_db()
    assert made.image_case.state == ImageState.DSL_ACKNOWLEDGED


def test_unn_s2_neg_having_looked_is_only_ever_an_exception(
    place: School, people: Family, as_role: AsRole, clock: Clock
) -> None:
    """UNN-S2 NEG (IMG-05, IMG-07): given that case, when a teacher tries to record having looked at the image, then
    only a viewing-exception record is offered, it needs a clear reason and a decision by DSL or head, and a pupil
    copying the image is a separate incident."""
    teacher, dsl, head = as_role(Role.TEACHER), as_role(Role.DSL), as_role(Role.HEADTEACHER)
    page = f"incidents/image/pupils/{people.amara.pk}/"
    teacher.sends(page, **ABOUT, device="not", not_secured="At home.")
    made = Incident.objects.get(type=IncidentType.IMAGE)
    looked = teacher.opens(f"incidents/image/sent/{made.pk}/seen/")
    assert "The only record of a viewing is a viewing exception" in shown(looked)
    assert b"<textarea" not in looked.content
    teacher.sends(f"incidents/image/sent/{made.pk}/seen/")
    assert Notice.objects.filter(recipient=dsl.user, kind="incidents.seen", urgency="urgent").exists()

    viewing = f"incidents/case/{made.pk}/image/viewing/"
    exception = {
        "viewer": teacher.user.pk, "decided_by": head.user.pk, "decided_before": "no", "present": "nobody",
        "where": "Room 4", "viewed_on": "2026-11-23", "viewed_time": "08:30", "not_copied": "on",
        "same_sex_weighed": "on",
    }  # fmt: skip
    why = {"reason": "It was held up to the teacher before they could look away."}
    clock(9, 10)
    assert teacher.sends(viewing, **exception, **why).status_code == 404
    assert "Say clearly why" in shown(dsl.sends(viewing, **exception))
    assert dsl.sends(viewing, **exception | {"decided_by": teacher.user.pk}, **why).status_code == 422
    assert not ViewingException.objects.exists()
    assert "The headteacher was told" in shown(dsl.sends(viewing, **exception, **why))
    assert ViewingException.objects.get().decided_by == head.user

    # Somebody who copies it is a report of its own, linked to the first.
    assert f"follows={made.pk}" in teacher.opens(f"incidents/image/sent/{made.pk}/").content.decode()
    again = ABOUT | {"role": "subject", "place": "not_known", "account": "He sent it to others at lunch."}
    teacher.sends(f"incidents/image/unnamed/?follows={made.pk}", **again)
    second = Incident.objects.filter(type=IncidentType.IMAGE).latest("id")
    assert (second.follows, second.pk != made.pk) == (made, True)
    assert second.reference in shown(dsl.opens(f"incidents/case/{made.pk}/image/"))


def test_unn_s3_an_image_on_the_school_network(place: School, people: Family, as_role: AsRole, clock: Clock) -> None:
    """UNN-S3 (IMG-08, FIL-18): given an image on the school network, when the case opens, then tasks appear to block
    network access for all users and to isolate the image, printing and moving are listed as prohibited, and first
    response is incomplete until both tasks have done times."""
    teacher, dsl, keeper = as_role(Role.TEACHER), as_role(Role.DSL), as_role(Role.SYSTEMS_MANAGER)
    clock(9, 0)
    network = ABOUT | {"place": "school_network", "site": "Library computer 3", "pupils_told": "The three at the desk"}
    teacher.sends(f"incidents/image/pupils/{people.amara.pk}/", **network)
    made = Incident.objects.get(type=IncidentType.IMAGE)
    course = f"incidents/case/{made.pk}/image/"
    said = shown(dsl.opens(course))
    assert "Network access blocked for all users" in said
    assert "Image isolated where it is, not moved, copied or printed" in said
    assert "Do not print it or move it" in said
    assert "The first response is not complete" in said

    # The network's keeper sees the two tasks and nothing of the record; a teacher who was not asked sees neither.
    asked = shown(keeper.opens("incidents/image/tasks/"))
    assert made.reference in asked
    assert "Amara" not in asked
    assert keeper.opens(course).status_code == 404
    block, isolate = task_page(ImageTaskKind.BLOCK_NETWORK), task_page(ImageTaskKind.ISOLATE)
    assert teacher.opens(block).status_code == 404
    assert "Library computer 3" in shown(keeper.opens(block))
    clock(9, 6)
    keeper.sends(block)
    assert "The first response is not complete" in shown(dsl.opens(course))
    clock(9, 9)
    keeper.sends(isolate, done_time="09:08")
    assert "The first response is not complete" not in shown(dsl.opens(course))
    made.image_case.refresh_from_db()
    assert made.image_case.state == ImageState.DSL_NOTIFIED
    clock(11, 30)
    keeper.sends(block, restored_time="")
    decision = emergency_blocks(place).get()
    assert (decision.done_at.hour, decision.restored_at) == (9, timezone.now())
