"""ROC-S5 and UNN-S1, as far as a device goes: a suspected image, filed by a teacher, seen by nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from core.audit.models import Entry
from core.notices.models import Notice
from core.notices.operations import escalate_unacknowledged
from core.people.models import School
from core.people.roles import Role
from devices.enums import SearchState, State
from devices.models import CustodyRecord, EvidenceHold
from devices.operations import add_device, seed_device_types
from devices.operations.searches import open_search
from tests.acceptance.conftest import Person, shown
from tests.factories import make_pupil, make_user
from tests.factories.taking import make_taken

Clock = Callable[[int, int], None]
AsRole = Callable[[Role], Person]
SCENARIOS = {"phone-free-agreement": "ROC-S5", "image-and-conduct": "UNN-S1"}


@pytest.fixture(params=sorted(SCENARIOS))
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def taken(place: School, clock: Clock) -> CustodyRecord:
    """A phone that a teacher took at 8:30 in the corridor."""
    at = timezone.now()
    kinds = {kind.key: kind for kind in seed_device_types(school=place, actor=None, at=at)}
    pupil = make_pupil(place, "Amara", "Kovacs")
    device = add_device(school=place, actor=None, at=at, pupil=pupil, type=kinds["phone"])
    return make_taken(pupil, device, by=make_user(Role.TEACHER, place), at=at)


def test_roc_s5_unn_s1_neg_a_suspected_image_is_held_unseen(
    place: School, taken: CustodyRecord, as_role: AsRole, clock: Clock
) -> None:
    """ROC-S5, UNN-S1 (CNF-10, IMG-03, SEA-12, SEA-16, NOT-04): no upload, held and secured, DSL urgent, then the head;
    no search, no release; a record with context and no content."""
    dsl, head = as_role(Role.DSL), as_role(Role.HEADTEACHER)
    teacher, office = as_role(Role.TEACHER), as_role(Role.OFFICE)
    form = teacher.opens(f"devices/pupils/{taken.pupil_id}/hold/")
    assert "Do not open, copy, photograph or forward. Switch it off. Seal it." in shown(form)
    assert b'type="file"' not in form.content
    filed = {"custody": taken.pk, "reason": "indecent_image", "note": "A pupil told me at break.", "bag": "E-114"}
    picture = SimpleUploadedFile("shot.png", b"\x89PNG\r\n\x1a\n", "image/png")
    refused = teacher.sends(f"devices/pupils/{taken.pupil_id}/hold/", **filed, photo=picture)
    assert refused.status_code == 415
    assert not EvidenceHold.objects.exists()
    assert "Nobody looks at it" in shown(teacher.sends(f"devices/pupils/{taken.pupil_id}/hold/", **filed))
    taken.refresh_from_db()
    hold = EvidenceHold.objects.get()
    assert (taken.state, hold.was_state, hold.bag) == (State.EVIDENCE_HOLD, State.CONFISCATED, "E-114")
    assert taken.confiscation.taken_where
    assert hold.placed_at == timezone.now()

    # Nobody searches it and nobody gets it, the head included.
    made = open_search(
        school=place, actor=head.user, at=timezone.now(), pupil=taken.pupil, of="device", custody=taken,
        decision_reason="To make sure.",
    )  # fmt: skip
    assert made.state == SearchState.BLOCKED
    for person in (office, head, dsl):
        claim = {"to": "pupil", "identity": "known", "signed": "paper", "condition": "No damage seen"}
        assert person.sends(f"devices/custody/{taken.pk}/release/", **claim).status_code == 422

    # The DSL is told urgently, and the head when nobody acknowledges.
    urgent = Notice.objects.filter(kind="devices.hold_image")
    assert set(urgent.values_list("recipient", flat=True)) == {dsl.user.pk}
    clock(8, 46)
    escalate_unacknowledged(at=timezone.now())
    assert head.user.pk in urgent.values_list("recipient", flat=True)
    assert not any("Kovacs" in f"{notice.subject}{notice.body}" for notice in Notice.objects.all())

    # Context for those who lead, on record that they read it; nothing of it for the office.
    assert "A pupil told me at break." in shown(dsl.opens(f"devices/evidence/{hold.pk}/"))
    assert Entry.objects.filter(actor_id=dsl.user.pk, action="devices.view_hold", outcome="viewed").exists()
    story = f"devices/records/{taken.device_id}/story/"
    assert "A pupil told me at break." in shown(dsl.opens(story))
    said = shown(office.opens(story))
    assert "Put on evidence hold" in said
    assert "A pupil told me" not in said
    assert "indecent" not in said
