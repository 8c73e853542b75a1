"""Periodic jobs about agreements: nothing in, one operation for each school."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone
from django_scopes import scope


@shared_task
def run_out_image_consents() -> int:
    """Each morning, end the consents to images whose last day has passed, and tell those who publish."""
    from agreements.operations.consent_giving import run_out_consents
    from core.people.queries import all_schools

    ended, now = 0, timezone.now()
    for school in all_schools():
        with scope(school=school):
            ended += run_out_consents(school=school, at=now)
    return ended


@shared_task
def look_at_the_day() -> int:
    """Each morning, begin and end agreements on their day, withdraw leavers’, mark what is to be renewed."""
    from agreements.operations import daily
    from core.people.queries import all_schools

    moved, now = 0, timezone.now()
    for school in all_schools():
        with scope(school=school):
            moved += daily.look_at_the_day(school=school, at=now)
    return moved


@shared_task
def look_at_conduct() -> int:
    """Each morning: access of leavers ends, declarations come due for review, resets that are late are reminded of."""
    from agreements.operations.access_register import close_ended_access
    from agreements.operations.conduct import mark_review_due
    from agreements.operations.disclosures import remind_overdue_resets
    from core.people.queries import all_schools

    done, now = 0, timezone.now()
    for school in all_schools():
        with scope(school=school):
            done += close_ended_access(school=school, at=now)
            done += mark_review_due(school=school, at=now)
            done += remind_overdue_resets(school=school, at=now)
    return done


@shared_task
def make_document(job_id: int) -> None:
    """Make and seal one document; rung twice, or by two workers at once, it is made once."""
    from agreements.operations import making

    making.make_document(job_id=job_id, at=timezone.now())


@shared_task
def resume_documents() -> int:
    """Ring again for documents that nobody began, or whose worker is gone."""
    from agreements.operations import making

    return len(making.resume_documents(at=timezone.now()))


@shared_task
def issue_batch(batch_id: int) -> None:
    """Issue what is left of one batch; rung twice, or by two workers at once, everybody gets one agreement."""
    from agreements.operations import batches

    batches.issue_batch(batch_id=batch_id, at=timezone.now())


@shared_task
def resume_batches() -> int:
    """Ring again for batches that nobody began, or whose worker is gone."""
    from agreements.operations import batches

    return len(batches.resume_batches(at=timezone.now()))


@shared_task
def remind_of_signatures() -> int:
    """Within office hours of a school day, remind whoever has not signed, three times and no more, then telephone."""
    from agreements.operations import reminding
    from core.people.queries import all_schools

    sent, now = 0, timezone.now()
    for school in all_schools():
        with scope(school=school):
            sent += reminding.remind_of_signatures(school=school, at=now)
    return sent


@shared_task
def make_run(run_id: int) -> None:
    """Make one print of many agreements; rung twice, or by two workers at once, it is made once."""
    from agreements.operations import printing

    printing.make_run(run_id=run_id, at=timezone.now())


@shared_task
def resume_runs() -> int:
    """Ring again for prints that nobody began, or whose worker is gone."""
    from agreements.operations import printing

    return len(printing.resume_runs(at=timezone.now()))


@shared_task
def purge_runs() -> int:
    """Take prints away a day after they were asked for: they hold names."""
    from agreements.operations import printing

    return printing.purge_runs(at=timezone.now())
