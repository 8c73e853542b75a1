"""What the pages about a suspected image say and ask, and that nothing typed there is lost (law IM-1, IM-4, IM-5)."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import models
from django.test import Client
from django.urls import reverse

from core.people.models import Pupil, School, Session, User
from incidents import image_guidance
from incidents.enums import CaseState, ImagePlace, IncidentType, YesNoUnknown
from incidents.forms.images.deciding import AssessForm
from incidents.models import ImageCase, Incident
from incidents.operations import images
from incidents.operations.acknowledging import acknowledge_case
from incidents.queries.images import referral_prompts
from tests.factories.cases import make_case

Clients = Callable[[User], Client]
PASSWORD = "a long enough password"
TYPED = "She said that somebody in 9C has had it since Sunday."


def report(school: School, by: User, at: datetime, **fields: Any) -> Incident:
    given = {"place": ImagePlace.WEBSITE, "site": "A network", "account": "Told at break.", "pupils_told": "Both"}
    return images.report_image(school=school, actor=by, at=at, **given | fields)


def read(client: Client, name: str, *args: Any) -> str:
    """A page in plain words."""
    page = client.get(reverse(f"incidents:{name}", args=args))
    assert page.status_code == 200, name
    return unescape(page.content.decode())


def test_every_page_of_a_suspected_image_says_tell_the_dsl_and_what_never_to_do(
    school: School, pupil: Pupil, teacher_user: User, dsl_user: User, client_for: Clients, at: datetime
) -> None:
    """IM-1, IMG-15: to the DSL at once; never view, copy, print, share, store, save or ask a child to share; the law in
    words for staff and in words for pupils; nowhere a field for a file."""
    made = report(school, teacher_user, at, pupils=[pupil])
    draft = make_case(school, by=teacher_user, at=at, pupil=pupil, state=CaseState.DRAFT)
    task = made.image_case.tasks.first()
    teacher, dsl, slug = client_for(teacher_user), client_for(dsl_user), school.slug
    pages = [read(teacher, name, slug) for name in ("image-report", "image-report-unnamed")]
    pages += [read(teacher, "image-report-about", slug, pupil.pk)]
    pages += [read(teacher, name, slug, made.pk) for name in ("image-sent", "image-looked")]
    pages += [read(dsl, "image-task", slug, task.pk)]
    pages += [read(dsl, f"image-{name}", slug, made.pk) for name in ("case", "assess", "referral", "police", "viewing")]
    for page in (*pages, read(teacher, "report-image", slug, draft.pk)):
        for line in image_guidance.NEVER:
            assert line in page
        assert "Tell a DSL" in page
        assert 'type="file"' not in page
    for page in pages:
        assert image_guidance.FOR_STAFF in page and image_guidance.FOR_PUPILS in page
    for act in ("look", "copy", "print", "share", "store", "save", "Do not ask a child to show it, share it"):
        assert any(act in line for line in image_guidance.NEVER), act


def test_panel_gives_a_list_for_each_place_and_that_of_the_place_alone_once_it_is_known(
    school: School, teacher_user: User, client_for: Clients, at: datetime
) -> None:
    """IMG-02: a list for an own device and lists for the school’s network and what is online, each do and do not."""
    teacher = client_for(teacher_user)
    own, network, online = image_guidance.OWN_DEVICE, image_guidance.NETWORK, image_guidance.ONLINE
    first = read(teacher, "image-report", school.slug)
    for guide in (own, network, online):
        assert guide.title in first
        assert all(line in first for line in (*guide.do, *guide.do_not)), guide.title
    assert not set(own.do_not) & set(network.do_not)
    for guide, other in ((own, network), (network, own), (online, own)):
        made = report(school, teacher_user, at, place=guide.place, not_secured="At home")
        sent = read(teacher, "image-sent", school.slug, made.pk)
        assert all(line in sent for line in (*guide.do, *guide.do_not)), guide.title
        assert not any(line in sent for line in other.do_not)


def test_context_is_asked_and_the_content_nowhere(school: School, teacher_user: User, client_for: Clients) -> None:
    """IMG-11: freely, under pressure or unknown; how far it went; who holds it; threats; an adult."""
    page = read(client_for(teacher_user), "image-report-unnamed", school.slug)
    for name in ("shared", "spread", "holders", "threats", "adult_involved"):
        assert f'name="{name}"' in page, name
    for answer in ("Freely", "Under pressure", "Not known", "Widely"):
        assert f">{answer}</option>" in page, answer
    held = {field.name for field in ImageCase._meta.fields if isinstance(field, models.FileField)}
    assert not held
    assert not [name for name in AssessForm.base_fields if name in ("content", "description", "shows", "image")]


def test_image_made_by_software_is_handled_the_same_way(
    school: School, pupil: Pupil, teacher_user: User, client_for: Clients, at: datetime
) -> None:
    """IM-5: the same tasks, urgency and readers whether a camera or software made it; the guidance says so."""

    def handled(answer: str) -> tuple[Any, ...]:
        made = report(school, teacher_user, at, pupils=[pupil], made_by_software=answer)
        case = made.image_case
        tasks = sorted(case.tasks.values_list("kind", "needed_first"))
        return made.type, made.urgent, made.concern_for_child, made.route, case.state, tasks

    assert handled(YesNoUnknown.YES) == handled(YesNoUnknown.NO)
    page = read(client_for(teacher_user), "image-report-unnamed", school.slug)
    assert "made by software (AI)" in page and "It is handled in the same way." in page
    assert (
        "software made the picture (AI)" in image_guidance.FOR_STAFF and "an app made it" in image_guidance.FOR_PUPILS
    )


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"shared": "pressure"}, "under pressure"),
        ({"adult_involved": "yes"}, "tell the police"),
        ({"beyond_age": "yes"}, "violence"),
        ({"under_13": "yes"}, "under 13"),
        ({"immediate_risk": "yes"}, "at risk now"),
    ],
)
def test_each_yes_of_the_initial_review_prompts_a_referral(
    school: School, pupil: Pupil, teacher_user: User, dsl_user: User, client_for: Clients, at: datetime,
    answer: dict[str, str], says: str,
) -> None:  # fmt: skip
    """IM-4: consent, adult, violence or beyond their age, under 13, risk now; ages and needs are shown beside them."""
    made = report(school, teacher_user, at, pupils=[pupil])
    same: dict[str, Any] = {"school": school, "actor": dsl_user, "at": at, "incident": made}
    for task in made.image_case.tasks.filter(needed_first=True, done_at__isnull=True):
        images.do_task(school=school, actor=dsl_user, at=at, task=task, words="Both", reference="R-1", site="A network")
    acknowledge_case(**same)
    plain = {"shared": "not_known", "spread": "not_known", "threats": "no", "adult_involved": "no", "under_13": "no"}
    said = plain | {"made_by_software": "no", "beyond_age": "no", "immediate_risk": "no", "assessed_with": "The head"}
    dsl, url = client_for(dsl_user), reverse("incidents:image-assess", args=[school.slug, made.pk])
    given = said | {"assessment": "They are the same age.", "submission": str(uuid4())} | answer
    assert dsl.post(url, given).status_code == 302
    case = ImageCase.objects.get(incident=made)
    assert [line for line in referral_prompts(case) if says in line], referral_prompts(case)
    shown = read(dsl, "image-case", school.slug, made.pk)
    assert says in shown and "Violence, or not right for their age" in shown
    pupil.sen_status = "K"
    pupil.save()
    assert any("special educational needs" in line for line in referral_prompts(case))
    assert "SEN support" in read(dsl, "image-case", school.slug, made.pk)


def _plain_sessions() -> str:
    """Everything that a dump of the sessions says, opened as far as it opens without a key."""
    said = []
    for row in Session.objects.all():
        data = row.session_data.split(":")[0]
        raw = base64.urlsafe_b64decode(data.lstrip(".") + "=" * (-len(data.lstrip(".")) % 4))
        said.append((zlib.decompress(raw) if data.startswith(".") else raw).decode())
    return json.dumps(said)


@pytest.mark.parametrize("ends", ["locked", "ten hours", "signed out"])
def test_report_that_was_being_written_outlives_a_lock_and_a_sign_out(
    school: School, pupil: Pupil, teacher_user: User, dsl_user: User, client_for: Clients, at: datetime, ends: str
) -> None:
    """INC-01, security 5.5, 5.8: it waits, sealed, for the same person in the same browser and is sent on by hand."""
    client, url = Client(), reverse("incidents:image-report-about", args=[school.slug, pupil.pk])
    sign_in = {"login": teacher_user.email, "password": PASSWORD}
    typed = {
        "submission": str(uuid4()), "place": "website", "site": "A network", "role": "affected", "account": TYPED,
        "raised_by": "pupil", "holders": "A boy in 9C", "shared": "not_known", "spread": "not_known",
        "threats": "not_known", "adult_involved": "not_known", "under_13": "not_known", "made_by_software": "not_known",
    }  # fmt: skip
    with time_machine.travel(at, tick=False):
        assert client.post("/account/login/", sign_in).status_code == 302
        assert client.get(url).status_code == 200
        if ends == "ten hours":
            session = client.session
            session["began"] -= 10 * 60 * 60  # however busy the day was
            session.save()
    with time_machine.travel(at + timedelta(minutes=30), tick=False):
        client.post(url, typed)
        assert not Incident.objects.exists()
        assert "held" in client.session
        assert TYPED not in _plain_sessions() and typed["holders"] not in _plain_sessions()
        if ends == "locked":
            assert client.post("/account/unlock/", {"password": PASSWORD})["Location"] == "/account/continue/"
        else:
            if ends == "signed out":
                client.post("/account/logout/")
            assert "is kept for whoever was sending it" in client.get("/account/login/").content.decode()
            assert client.post("/account/login/", sign_in)["Location"] == "/account/continue/"
        assert TYPED in client.get("/account/continue/").content.decode()
        assert client.post(url, typed).status_code == 302
        assert Incident.objects.get().account == TYPED
        assert Incident.objects.get().type == IncidentType.IMAGE
        assert client.get("/account/continue/")["Location"] == "/", "what was sent is not offered again"

        client.post("/account/lock/")
        client.post(url, typed | {"submission": str(uuid4())})
        client.post("/account/logout/")
        client.post("/account/login/", {"login": dsl_user.email, "password": PASSWORD})
        assert client.get("/account/continue/")["Location"] == "/", "somebody else is not shown it"
        assert "held" not in client.session
