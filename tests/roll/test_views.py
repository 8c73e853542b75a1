"""The import's pages: from the files to the result and back, without JavaScript; who may not, and who must not see."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_scopes import scope

from core.audit.models import Entry
from core.people.models import Contact, Pupil, School, User
from core.people.roles import Role
from core.roll import operations
from core.roll.enums import ImportState
from core.roll.models import ProposedDoNotInform, RollImport, RollRun
from tests.factories import make_user as build_user
from tests.roll.conftest import PUPIL_HEAD, csv_of, pupil_row, sample, upn
from tests.roll.defects import defective_roll

Upload = Callable[..., RollImport]
IMPORT_PAGES = ("match", "preview", "refresh", "problems", "cancel", "progress", "resume", "result", "undo")


@pytest.fixture
def pages(client_for: Callable[[User], Client], administrator_user: User) -> Client:
    return client_for(administrator_user)


@pytest.fixture
def url(school: School) -> Callable[..., str]:
    return lambda name, *keys: reverse(f"roll:{name}", args=[school.slug, *keys])


def posted(sent: operations.Sent) -> SimpleUploadedFile:
    return SimpleUploadedFile(sent.name, sent.content, content_type="text/csv")


def test_pages_from_the_files_to_the_result_and_undo(
    pages: Client, url: Callable[..., str], django_capture_on_commit_callbacks: Any
) -> None:
    """W12: upload, preview, apply, progress, result, undo; four clicks, no JavaScript."""
    assert "No lists have been brought in yet" in pages.get(url("list")).content.decode()
    answer = pages.post(url("start"), {"lists": [posted(sent) for sent in sample("barley-lane")]})
    found = RollImport.objects.get()
    assert answer.headers["Location"] == url("preview", found.pk)
    page = pages.get(answer.headers["Location"]).content.decode()
    assert "Apply 6" in page and "Roles for new staff" in page and "Class Teacher" in page
    assert "4 contacts carry a court-order note" in page

    form = {"effective_on": "2026-11-23", "without_problem_rows": ""} | roles_on(page)
    answer = pages.post(url("preview", found.pk), form)
    assert answer.headers["Location"] == url("progress", found.pk)
    page = pages.get(url("progress", found.pk)).content.decode()
    assert "<progress" in page and "You can leave this page" in page and 'hx-trigger="every 2s"' in page
    assert pages.get(url("preview", found.pk)).headers["Location"] == url("progress", found.pk)
    assert operations.run_roll_import(import_id=found.pk, at=found.created_at)
    fragment = pages.get(url("progress", found.pk), headers={"HX-Request": "true"}).content.decode()
    assert "See the result" in fragment and "<html" not in fragment and "every 2s" not in fragment

    page = pages.get(url("result", found.pk)).content.decode()
    assert "Undo this import" in page and "201" in page and "398" in page
    assert "What it added is taken away" in pages.get(url("undo", found.pk)).content.decode()
    pages.post(url("undo", found.pk))
    assert operations.run_roll_import(import_id=found.pk, at=found.created_at)
    page = pages.get(url("result", found.pk)).content.decode()
    assert "Undone" in page and Pupil.objects.count() == 0


def roles_on(page: str) -> dict[str, str]:
    """The roles as the page proposes them."""
    found = {}
    for name, body in re.findall(r'<select name="(role-\d+-\d)".*?>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        found[name] = chosen.group(1) if chosen else ""
    return found


def test_start_bad_file_is_refused_at_the_field(pages: Client, url: Callable[..., str]) -> None:
    """F24: a sentence at the field, 422, nothing kept."""
    answer = pages.post(url("start"), {"lists": SimpleUploadedFile("x.xlsx", b"PK\x03\x04 1234")})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "This is a spreadsheet file" in page and 'href="#id_lists"' in page
    assert pages.post(url("start"), {}).status_code == 422
    assert pages.post(url("start"), {"lists": SimpleUploadedFile("x.csv", b"")}).status_code == 422
    assert RollImport.objects.count() == 0


def test_start_same_form_twice_is_one_import(pages: Client, url: Callable[..., str]) -> None:
    """Security §5.11: double submit."""
    key = re.search(r'name="submission" value="([^"]+)"', pages.get(url("start")).content.decode())
    assert key is not None
    for _ in range(2):
        pages.post(url("start"), {"lists": posted(csv_of(PUPIL_HEAD, pupil_row(1))), "submission": key.group(1)})
    assert RollImport.objects.count() == 1


def test_match_shows_and_corrects_the_columns(pages: Client, url: Callable[..., str]) -> None:
    """ORG-24: the mapping is shown for correction; what cannot be recognised waits for a person."""
    odd = csv_of(("UPN", "Surname", "Forename", "Jahr", "Klasse"), [upn(1), "Osei", "Ana", "7", "7A"])
    answer = pages.post(url("start"), {"lists": posted(odd)})
    found = RollImport.objects.get()
    assert answer.headers["Location"] == url("match", found.pk)
    page = pages.get(url("match", found.pk)).content.decode()
    assert "no column holds the year group" in page and "Osei" in page
    file = found.files.get()
    form = {f"kind-{file.pk}": "pupils"} | {
        f"column-{file.pk}-{place}": field for place, field in enumerate(file.columns)
    }
    refused = pages.post(url("match", found.pk), form)
    assert refused.status_code == 422 and "choose the column that holds the year group" in refused.content.decode()
    form |= {f"column-{file.pk}-3": "year_group", f"column-{file.pk}-4": "form"}
    assert pages.post(url("match", found.pk), form).headers["Location"] == url("preview", found.pk)
    found.refresh_from_db()
    assert found.summary["pupils"]["add"] == 1


def test_preview_shows_problems_and_needs_consent(pages: Client, url: Callable[..., str], upload: Upload) -> None:
    """W12: row, column, what was read, why; the rest goes ahead only when somebody says so."""
    sent, _ = defective_roll()
    found = upload(sent)
    page = pages.get(url("preview", found.pk)).content.decode()
    assert "60 rows would be left out" in page
    assert "Row 42" in page and "31/02/2012" in page and "is not a real date" in page
    refused = pages.post(url("preview", found.pk), {"effective_on": "2026-11-23"})
    assert refused.status_code == 422 and "60 rows with problems would be left out" in refused.content.decode()
    assert Pupil.objects.count() == 0
    assert (
        pages.post(url("preview", found.pk), {"effective_on": "2026-11-23", "without_problem_rows": "on"}).status_code
        == 302
    )


def test_problems_download_is_safe_and_recorded(
    pages: Client, url: Callable[..., str], upload: Upload, administrator_user: User
) -> None:
    """F28, ORG-09: formula-safe; the export is in the record."""
    row = pupil_row(1)
    row[4] = "=HYPERLINK(1)"
    found = upload(csv_of(PUPIL_HEAD, row))
    answer = pages.get(url("problems", found.pk))
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert ",'=HYPERLINK(1)," in answer.content.decode()
    assert (
        Entry.objects.filter(
            action="roll.download_problems", outcome="exported", actor_id=administrator_user.pk
        ).count()
        == 1
    )


def test_preview_leavers_are_ticked_one_by_one(
    pages: Client, url: Callable[..., str], upload: Upload, apply: Upload
) -> None:
    """ORG-24: whoever is not in the file stays unless ticked."""
    apply(upload(csv_of(PUPIL_HEAD, *(pupil_row(n) for n in (1, 2, 3)))))
    found = upload(csv_of(PUPIL_HEAD, pupil_row(1)))
    gone = Pupil.objects.get(upn=upn(2))
    page = pages.get(url("preview", found.pk)).content.decode()
    assert (
        f'value="pupil:{gone.pk}"' in page and "checked" not in page.split("leavers__list")[1].split("</fieldset>")[0]
    )
    pages.post(url("preview", found.pk), {"effective_on": "2026-11-23", "leavers": [f"pupil:{gone.pk}"]})
    assert operations.run_roll_import(import_id=found.pk, at=found.created_at)
    assert [pupil.upn for pupil in Pupil.objects.filter(left_on__isnull=False)] == [upn(2)]


def test_preview_again_after_somebody_changed_the_roll(
    pages: Client, url: Callable[..., str], upload: Upload, apply: Upload
) -> None:
    first, second = upload(csv_of(PUPIL_HEAD, pupil_row(1))), upload(csv_of(PUPIL_HEAD, pupil_row(1), pupil_row(2)))
    apply(first)
    assert "Somebody changed the roll" in pages.get(url("preview", second.pk)).content.decode()
    assert pages.post(url("preview", second.pk), {"effective_on": "2026-11-23"}).status_code == 422
    pages.post(url("refresh", second.pk))
    second.refresh_from_db()
    assert second.summary["pupils"]["add"] == 1
    assert "Somebody changed the roll" not in pages.get(url("preview", second.pk)).content.decode()


def test_cancel_goes_back_to_the_list(pages: Client, url: Callable[..., str], upload: Upload) -> None:
    found = upload(csv_of(PUPIL_HEAD, pupil_row(1)))
    assert pages.post(url("cancel", found.pk)).headers["Location"] == url("list")
    assert "Cancelled" in pages.get(url("list")).content.decode()
    assert "Nothing was changed by it" in pages.get(url("result", found.pk)).content.decode()
    again = pages.post(url("cancel", found.pk), follow=True)
    assert "cannot be changed any more" in again.content.decode()


def test_progress_without_a_worker_says_so(
    pages: Client, url: Callable[..., str], upload: Upload, school: School, administrator_user: User, at: datetime
) -> None:
    """Silence never looks like success: the page says that it waits for the worker."""
    found = upload(csv_of(PUPIL_HEAD, pupil_row(1)))
    operations.apply_roll(school=school, actor=administrator_user, at=at, roll_import=found)
    RollImport.objects.filter(pk=found.pk).update(changed_at=datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
    page = pages.get(url("progress", found.pk)).content.decode()
    assert "Waiting for the background worker. It has not been seen yet." in page
    RollRun.objects.update(heartbeat_at=datetime.fromisoformat("2026-01-05T08:41:00+00:00"))
    assert "It was last seen 5 January 2026, 8:41am." in pages.get(url("progress", found.pk)).content.decode()


def test_stopped_import_offers_to_go_on(
    pages: Client, url: Callable[..., str], upload: Upload, school: School, administrator_user: User, at: datetime
) -> None:
    found = upload(csv_of(PUPIL_HEAD, pupil_row(1)))
    found = operations.apply_roll(school=school, actor=administrator_user, at=at, roll_import=found)
    operations.running.fail_roll(school=school, actor=None, at=at, roll_import=found)
    page = pages.get(url("result", found.pk)).content.decode()
    assert "The import has stopped" in page and "Try to go on" in page and "Undo this import" in page
    assert pages.post(url("resume", found.pk)).headers["Location"] == url("progress", found.pk)


def test_confirm_do_not_inform_is_the_dsls_page(
    upload: Upload, apply: Upload, url: Callable[..., str], client_for: Callable[[User], Client], dsl_user: User,
    administrator_user: User, school: School,
) -> None:  # fmt: skip
    """ORG-13: shown to the DSL alone, each look recorded, each decision with its contact."""
    notes = csv_of(
        ("UPN", "Forename", "Surname", "Relationship", "Priority", "Note"),
        [upn(1), "Ola", "Osei", "Mother", "1", "Court order"], [upn(1), "Bo", "Osei", "Father", "2", "Court order"],
        name="contacts.csv",
    )  # fmt: skip
    apply(upload(csv_of(PUPIL_HEAD, pupil_row(1)), notes))
    assert client_for(administrator_user).get(url("confirm-do-not-inform")).status_code == 403
    dsl = client_for(dsl_user)
    page = dsl.get(url("confirm-do-not-inform")).content.decode()
    assert "Ola Osei" in page and "Bo Osei" in page
    assert Entry.objects.filter(action="roll.view_do_not_inform", outcome="viewed").count() == 1
    first, second = ProposedDoNotInform.objects.order_by("id")
    refused = dsl.post(url("confirm-do-not-inform"), {"proposal": first.pk, "answer": "dismissed", "reason": ""})
    assert refused.status_code == 422 and "Say why this contact may be informed" in refused.content.decode()
    assert f'href="#p{first.pk}_reason"' in refused.content.decode()
    dsl.post(url("confirm-do-not-inform"), {"proposal": first.pk, "answer": "confirmed"})
    dsl.post(url("confirm-do-not-inform"), {"proposal": second.pk, "answer": "dismissed", "reason": "Order has ended"})
    assert list(Contact.objects.order_by("priority").values_list("do_not_inform", flat=True)) == [True, False]
    page = dsl.get(url("confirm-do-not-inform")).content.decode()
    assert "No note is waiting" in page and "Order has ended" in page
    assert dsl.post(url("confirm-do-not-inform"), {"proposal": 10**9, "answer": "confirmed"}).status_code == 404
    assert dsl.post(url("confirm-do-not-inform"), {"proposal": "x"}).status_code == 422


@pytest.mark.parametrize("page", IMPORT_PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_import_of_the_neighbouring_school_is_not_there(
    page: str, method: str, upload: Upload, other_school: School, client_for: Callable[[User], Client]
) -> None:
    """House §4.6: another school's record looks like none at all."""
    found = upload(csv_of(PUPIL_HEAD, pupil_row(1)))
    with scope(school=other_school):
        neighbour = build_user(Role.ADMINISTRATOR, other_school)
    answer = getattr(client_for(neighbour), method)(reverse(f"roll:{page}", args=[other_school.slug, found.pk]))
    assert answer.status_code in ({404} if method == "get" else {404, 405})
    found.refresh_from_db()
    assert found.state == ImportState.PREVIEWED


@pytest.mark.parametrize("role", ["office_user", "teacher_user", "dsl_user", "governor_user", "headteacher_user"])
def test_pages_are_closed_to_other_roles(
    role: str,
    request: pytest.FixtureRequest,
    upload: Upload,
    url: Callable[..., str],
    client_for: Callable[[User], Client],
) -> None:
    """ORG-24 is the administrator's; the others get 403 and the record knows."""
    found = upload(csv_of(PUPIL_HEAD, pupil_row(1)))
    pages = client_for(request.getfixturevalue(role))
    for page in (url("list"), url("start"), *(url(name, found.pk) for name in IMPORT_PAGES)):
        assert pages.get(page).status_code == 403
    assert Entry.objects.filter(action="page.open", outcome="refused").count() == len(IMPORT_PAGES) + 2


def test_list_and_preview_cost_the_same_for_one_and_for_many(
    pages: Client, url: Callable[..., str], upload: Upload
) -> None:
    """Speed: statements do not grow with the rows."""

    def cost(page: str) -> int:
        pages.get(page)
        with CaptureQueriesContext(connection) as statements:
            assert pages.get(page).status_code == 200
        return len(statements)

    small = upload(csv_of(PUPIL_HEAD, pupil_row(1)))
    one = cost(url("list"))
    big = upload(*sample("rushmere"))
    upload(csv_of(PUPIL_HEAD, *(pupil_row(n) for n in range(1, 4))))
    assert cost(url("list")) == one
    assert cost(url("preview", small.pk)) == cost(url("preview", big.pk))


def test_pages_name_nobody_in_their_addresses(url: Callable[..., str]) -> None:
    for name in IMPORT_PAGES:
        assert url(name, 7).endswith(f"/7/{url(name, 7).rstrip('/').rsplit('/', 1)[1]}/")
