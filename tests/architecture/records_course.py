"""Records of what follows a report, for the sweeps: each belongs to the one incident, or to one of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

FITTING: dict[str, dict[str, str]] = {
    "incidents:exam": {"incident": "case_exam"},
    "incidents:exam-paper": {"incident": "case_exam"},
    "incidents:close": {"incident": "case_in_action"},
    "incidents:end-investigation": {"incident": "case_in_action"},
    "incidents:begin-plan": {"plan": "plan_drafted"},
}
SHOWN: dict[str, tuple[str, ...]] = {
    "incidents:sanction": ("sanction",),
    "incidents:review-plan": ("plan_review",),
    "incidents:plans": ("plan", "plan_drafted"),
    "incidents:debrief": ("lesson",),
    "incidents:add-lesson": ("lesson",),
    "incidents:exam": ("exam_report",),
    "incidents:exam-paper": ("exam_report",),
    "incidents:debrief-paper": ("lesson",),
    "policies:improvements": ("improvement", "improvement_rejected"),
}


class CourseRecords:
    """Sanctions, plans, advice, debriefs, exam reports, and what is to change."""

    school: Any
    at: Any
    make: Any
    said: Any

    def _case(self, **fields: Any) -> Any:
        from tests.factories.cases import make_case

        return make_case(self.school, by=self.make("case_reporter"), at=self.at, pupil=self.make("pupil"), **fields)

    def make_case_in_action(self) -> Any:
        return self._case(state="action")

    def make_case_exam(self) -> Any:
        return self._case(type="exam_possession")

    def _save(self, row: Any) -> Any:
        row.stamp(by=self.make("case_reporter"), at=self.at)
        row.save()
        return row

    def make_sanction(self) -> Any:
        from incidents.models import Sanction

        return self._save(
            Sanction(
                school=self.school, incident=self.make("incident"), pupil=self.make("pupil"),
                kind=self.said("No break time", 120), reason=self.said("Words of a reason.", 2000),
                starts_on=self.at.date(), ends_on=self.at.date(), reviewer=self.make("case_reporter"),
                decided_at=self.at, decided_by=self.make("case_reporter"),
            )
        )  # fmt: skip

    def _plan(self, **fields: Any) -> Any:
        from incidents.models import SupportPlan

        return self._save(
            SupportPlan(
                school=self.school, incident=self.make("incident"), pupil=self.make("pupil"),
                aims=self.said("Words of an aim.", 2000), actions=self.said("Words of an action.", 2000),
                owner=self.make("case_reporter"), starts_on=self.at.date(),
                review_on=self.at.date() - timedelta(days=1), **fields,
            )
        )  # fmt: skip

    def make_plan(self) -> Any:
        return self._plan(state="active")

    def make_plan_drafted(self) -> Any:
        return self._plan()

    def make_plan_review(self) -> Any:
        from incidents.models import PlanReview

        return PlanReview.objects.create(
            school=self.school, plan=self.make("plan"), text=self.said("Words of a review.", 2000), at=self.at,
            by=self.make("case_reporter"),
        )  # fmt: skip

    def make_advice(self) -> Any:
        from incidents.models import AdviceRecord

        return self._save(
            AdviceRecord(
                school=self.school, incident=self.make("incident"), body="A council’s service", asked_at=self.at,
                asked_by=self.make("case_reporter"), question=self.said("Words of a question.", 2000),
            )
        )  # fmt: skip

    def make_debrief(self) -> Any:
        from incidents.models import Debrief

        return self._save(
            Debrief(
                school=self.school, incident=self.make("incident"), held_on=self.at.date(), present="Head and DSL",
                summary=self.said("Words of a debrief.", 2000),
            )
        )  # fmt: skip

    def make_lesson(self) -> Any:
        from incidents.models import Lesson

        return self._save(
            Lesson(
                school=self.school, debrief=self.make("debrief"), kind="practice",
                text=self.said("Two people count at break.", 400),
            )
        )  # fmt: skip

    def make_exam_report(self) -> Any:
        from incidents.models import ExamReport

        return self._save(
            ExamReport(
                school=self.school, incident=self.make("case_exam"), kind="public", exam="Maths, paper 1",
                body="An exam body", found_at=self.at, found_by="An invigilator", device="A phone",
                statement=self.said("Words of a statement.", 2000),
            )
        )  # fmt: skip

    def _improvement(self, **fields: Any) -> Any:
        from policies.models import ImprovementItem

        return self._save(
            ImprovementItem(
                school=self.school, list="action_plan", text=self.said("Two people count at break.", 400),
                raised_at=self.at, **fields,
            )
        )  # fmt: skip

    def make_improvement(self) -> Any:
        return self._improvement()

    def make_improvement_rejected(self) -> Any:
        return self._improvement(state="rejected", reason="It is done so already.")
