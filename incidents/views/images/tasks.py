"""The tasks about a suspected image: what one is asked to do, doing it, giving it to somebody, saying it is undone."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponseBase

from core.kit.forms import BaseForm
from core.people.queries import staff_of
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from core.rules.queries import UNSPECIFIED
from incidents import queries
from incidents.enums import ImageTaskKind
from incidents.forms.images.fields import moment_of
from incidents.forms.images.tasks import AddTaskForm, AnswerForm, DoTaskForm, GiveTaskForm, PlaceForm, RestoreForm
from incidents.leading import may_lead
from incidents.models import ImageTask, Incident
from incidents.operations import images
from incidents.queries.images import image_tasks_given_to, image_tasks_of, image_tasks_visible_to
from incidents.views.images.base import ImageStepPage, ImageView, guidance, secure_kwargs


class ImageTasksView(ImageView):
    """What I was asked to do. It shows the tasks and nothing of the records behind them."""

    permission = Permission.REPORT_INCIDENT
    template_name = "incidents/image_tasks.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rows = [
            {
                "label": task.get_kind_display(),
                "url": self.url("image-task", task.pk),
                "hint": task.case.incident.reference,
                "kind": "attention" if task.done_at is None else "waiting",
                "word": "To do now" if task.done_at is None else "To be restored",
            }
            for task in image_tasks_given_to(self.actor, self.school)
        ]
        return self.render(tasks=rows)


class ImageTaskView(SchoolFormView, ImageView):
    """One task: doing it, saying when access came back, keeping an answer. For whom it is given to, and who leads."""

    permission = Permission.REPORT_INCIDENT
    template_name = "incidents/image_task.html"

    @cached_property
    def task(self) -> ImageTask:
        visible = queries.cases_visible_to(self.actor, self.school, self.today)
        tasks = image_tasks_visible_to(self.actor, self.school, visible)
        if not self.leads:
            tasks = tasks.filter(assignee=self.actor)
        return get_or_404(tasks, pk=self.kwargs["image_task"])

    @cached_property
    def leads(self) -> bool:
        """Whether this person leads on the record behind the task."""
        visible = queries.cases_visible_to(self.actor, self.school, self.today)
        case: Incident | None = visible.filter(image_case__tasks__pk=self.kwargs["image_task"]).first()
        return case is not None and may_lead(self.actor, case)

    @property
    def step(self) -> str:
        """What the page asks for: `do`, `restore`, `answer`, or nothing any more."""
        kind = ImageTaskKind(self.task.kind)
        if self.task.done_at is None:
            return "do"
        if kind == ImageTaskKind.BLOCK_NETWORK and self.task.restored_at is None:
            return "restore"
        return "answer" if kind in images.ANSWERED else ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.note_view("incidents.view_image_task", self.task)
        return super().get(request, *args, **kwargs)

    def get_form(self) -> BaseForm:
        bound: dict[str, Any] = {"data": self.request.POST} if self.request.method == "POST" else {}
        if self.step == "restore":
            return RestoreForm(**bound, initial={"restored_on": self.today})
        if self.step == "answer":
            return AnswerForm(**bound)
        task = self.task
        asks = task.kind == ImageTaskKind.BLOCK_NETWORK and self.rules.image_network_block == UNSPECIFIED
        pupils = (
            [person.pupil for person in queries.people_of(task.case.incident) if person.pupil is not None]
            if task.kind == ImageTaskKind.SECURE_DEVICE
            else []
        )
        return DoTaskForm(
            **bound, kind=task.kind, leads=self.leads, asks_scope=asks, today=self.today,
            secure=secure_kwargs(self.school, pupils, self.now), initial={"site": task.site},
        )  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        task = self.task
        back = self.url("image-case", task.case.incident_id) if self.leads else self.url("image-tasks")
        given = {"task": task, "incident": task.case.incident, "step": self.step, "leads": self.leads, "back_url": back}
        return super().get_context_data(**given | guidance(task.case.place) | kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        same: dict[str, Any] = {"school": self.school, "actor": self.actor, "at": self.now, "task": self.task}
        back = self.url("image-case", self.task.case.incident_id) if self.leads else self.url("image-tasks")
        if isinstance(form, DoTaskForm):
            images.do_task(**same, **form.values())
            return self.done("It is recorded as done.", back)
        given = form.cleaned_data
        if isinstance(form, RestoreForm):
            restored = moment_of(given["restored_on"] or self.today, given["restored_at"])
            images.restore_network(**same, restored_at=restored, submission=given["submission"])
            return self.done("Access is recorded as restored.", back)
        images.note_answer(**same, response=given["response"], submission=given["submission"])
        return self.done("The answer is kept.", back)


class GiveTaskView(ImageStepPage):
    """Give a task to a member of staff, or to somebody outside by name (IMG-08)."""

    form_class = GiveTaskForm
    title = "Who does it"
    lead = "They see the task, and nothing of the record."
    said = "It is given to them."

    @cached_property
    def task(self) -> ImageTask:
        return get_or_404(image_tasks_of(self.image), pk=self.kwargs["image_task"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"staff": staff_of(self.school)}

    def get_initial(self) -> dict[str, Any]:
        return {"assignee": str(self.task.assignee_id or ""), "name": self.task.assignee_name}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(title=f"{self.title}: {self.task.get_kind_display()}", **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, GiveTaskForm)
        given = form.cleaned_data
        images.give_task(
            school=self.school, actor=self.actor, at=self.now, task=self.task, name=given["name"],
            assignee=form.staff.get(given["assignee"]), submission=given["submission"],
        )  # fmt: skip
        return self.done(self.said, self.image_url)


class AddTaskView(ImageStepPage):
    """Another thing to do: CEOP, a removal that the child asks for, a website (IMG-10, law IM-6)."""

    form_class = AddTaskForm
    title = "Another thing to do"
    said = "It is on the list."

    def get_form_kwargs(self) -> dict[str, Any]:
        there = {task.kind for task in image_tasks_of(self.image)}
        kinds = [(kind.value, str(kind.label)) for kind in ImageTaskKind if kind.value not in there]
        return super().get_form_kwargs() | {"kinds": kinds}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        images.add_task(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, kind=form.cleaned_data["kind"],
            submission=form.cleaned_data["submission"],
        )  # fmt: skip
        return self.done(self.said, self.image_url)


class CorrectPlaceView(ImageStepPage):
    """It is elsewhere than was reported, or elsewhere too."""

    form_class = PlaceForm
    title = "Where it is said to be"
    lead = "What comes first follows the place. Nobody goes looking for it."
    said = "The place is kept, and the tasks follow it."

    def get_initial(self) -> dict[str, Any]:
        return {"place": self.image.place, "site": self.image.site}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = form.cleaned_data
        images.correct_place(
            school=self.school, actor=self.actor, at=self.now, incident=self.case, place=given["place"],
            site=given["site"], submission=given["submission"],
        )  # fmt: skip
        return self.done(self.said, self.image_url)
