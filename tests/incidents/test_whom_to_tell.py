"""The poster for pupils: whom to tell and how, inside and outside school (COM-05)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.people.access import NotPermitted
from core.people.models import School, User
from incidents.enums import HelpKind
from incidents.models import HelpEntry
from incidents.operations.lists import ListedAlready
from incidents.operations.whom_to_tell import add_help, begin_help, end_help
from incidents.whom_to_tell import USUAL

Clients = Callable[[User], Client]


def test_poster_names_the_team_safe_places_and_national_services_before_anybody_set_it_up(
    school: School, teacher_user: User, dsl_user: User, client_for: Clients
) -> None:
    """COM-05, IMG-15: any member of staff opens it; names and roles, no picture; the law in words for pupils."""
    page = client_for(teacher_user).get(reverse("incidents:whom-to-tell", args=[school.slug]))
    shown = page.content.decode()
    said = ("Designated safeguarding lead", "The school office", "999", "0800 1111", "ceop.police.uk", "Report Remove")
    for words in (dsl_user.display_name, *said, "It is against the law to take, keep or send", "How to tell"):
        assert words in shown, words
    assert "<img" not in shown
    assert "Change what stands here" not in shown, "a teacher shows it and changes nothing"
    assert not HelpEntry.objects.exists(), "looking at it writes nothing"


def test_school_makes_the_poster_its_own(
    school: School, dsl_user: User, teacher_user: User, client_for: Clients, at: datetime
) -> None:
    """COM-05: an entry is added beside the usual ones, and any is taken off; said twice it stands once."""
    dsl = client_for(dsl_user)
    listed, poster = (reverse(f"incidents:{name}", args=[school.slug]) for name in ("help-list", "whom-to-tell"))
    given = {"submission": str(uuid4()), "kind": "place", "name": "The quiet room", "reach": "Beside the library"}
    for _ in range(2):
        assert dsl.post(listed, given).status_code == 302
    assert HelpEntry.objects.count() == len(USUAL) + 1
    shown = dsl.get(poster).content.decode()
    assert "The quiet room" in shown and "0800 1111" in shown
    again = dsl.post(listed, given | {"submission": str(uuid4())})
    assert again.status_code == 422 and "is on the list already" in again.content.decode()
    for entry in HelpEntry.objects.all():
        url = reverse("incidents:end-help", args=[school.slug, entry.pk])
        assert dsl.post(url, {"submission": str(uuid4())}).status_code == 302
    assert "Childline" not in dsl.get(poster).content.decode()
    assert "999" in dsl.get(poster).content.decode(), "an empty list leaves the number that is always there"
    begin_help(school=school, actor=dsl_user, at=at)
    assert not HelpEntry.objects.filter(ended_at__isnull=True).exists(), "what was taken off does not come back"
    with pytest.raises(NotPermitted):
        add_help(school=school, actor=teacher_user, at=at, kind=HelpKind.PLACE, name="My room")


def test_poster_costs_the_same_whatever_stands_on_it(
    school: School, dsl_user: User, client_for: Clients, at: datetime
) -> None:
    dsl, url = client_for(dsl_user), reverse("incidents:whom-to-tell", args=[school.slug])
    counts = []
    for number in range(3):
        entry = add_help(school=school, actor=dsl_user, at=at, kind=HelpKind.ADULT, name=f"Somebody {number}")
        dsl.get(url)
        with CaptureQueriesContext(
            connection,
        ) as statements:
            dsl.get(url)
        counts.append(len(statements))
    assert len(set(counts)) == 1, counts
    end_help(school=school, actor=dsl_user, at=at, entry=entry)
    with pytest.raises(ListedAlready):
        add_help(school=school, actor=dsl_user, at=at, kind=HelpKind.ADULT, name="Somebody 0")
