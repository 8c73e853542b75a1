"""The base of every page inside a school: deny by default, one school in scope, one operation a form."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar, TypeVar

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.generic import View
from django_scopes import scope

from core.audit.enums import Outcome
from core.audit.operations import record
from core.kit.forms import BaseForm
from core.kit.refusals import Refusal
from core.people.access import NotPermitted, has
from core.people.hooks import rules_on
from core.people.models import School, User
from core.people.queries import school_called, school_for
from core.people.roles import Permission

M = TypeVar("M", bound=Model)


def get_or_404(queryset: QuerySet[M], **lookup: Any) -> M:
    """The record, or the plain page that says there is nothing here that you can see: hidden and absent look alike."""
    found = queryset.filter(**lookup).first()
    if found is None:
        raise Http404
    return found


class SchoolView(View):
    """A page inside `/<school>/…`. Subclasses name their `permission`; one that does not stops the start.

    `on_desk`: a session opened with a desk PIN reaches this page; by default it does not. `takes_files`: a list may be
    sent to it; whatever else a file is sent to answers 415 and keeps nothing, for no page is a door for a picture.

    Strangers to the school get 404, people without the permission get 403, and both are written to the record. All
    work, rendering included, happens in the school's scope.
    """

    permission: ClassVar[Permission]
    template_name: ClassVar[str] = ""
    on_desk: ClassVar[bool] = False
    takes_files: ClassVar[bool] = False
    abstract: ClassVar[bool] = True

    request: HttpRequest
    school: School

    def __init_subclass__(cls, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.abstract = abstract
        if not abstract and not isinstance(getattr(cls, "permission", None), Permission):
            raise ImproperlyConfigured(f"{cls.__name__} must name the permission it needs.")

    @property
    def actor(self) -> User:
        """The signed-in person."""
        assert isinstance(self.request.user, User)
        return self.request.user

    @property
    def now(self) -> datetime:
        """The moment of the request: the one place where the clock is read."""
        if not hasattr(self, "_now"):
            self._now = timezone.now()
        return self._now

    @property
    def today(self) -> date:
        """Today in London."""
        return timezone.localdate(self.now)

    @property
    def rules(self) -> Any:
        """The school's rules as they stand today."""
        return rules_on(self.school, self.today)

    def may(self, permission: Permission) -> bool:
        """Whether the person of this request may."""
        return has(self.request.user, permission, self.school)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        slug = kwargs.pop("school")
        school = school_for(request.user, slug)
        if school is None:
            self._note_refusal(school_called(slug), {"rule": "ORG-10"})
            raise Http404
        self.school = request.school = school  # type: ignore[attr-defined]
        request.rules = SimpleLazyObject(lambda: self.rules)  # type: ignore[attr-defined]
        self.kwargs.pop("school", None)
        with scope(school=school):
            if not has(request.user, self.permission, school):
                self._note_refusal(school, {"needs": self.permission.value, "rule": "ORG-10"})
                raise PermissionDenied
            if request.method == "POST" and not self.takes_files and request.FILES:
                self._note_refusal(school, {"sent": "a file", "rule": "SEA-16"})
                return TemplateResponse(request, "415.html", {"school": school}, status=415).render()
            try:
                response = super().dispatch(request, *args, **kwargs)
            except NotPermitted as refusal:
                raise PermissionDenied(refusal.message) from refusal
            except Http404:
                # Hidden and absent look alike to the person; the record keeps that somebody asked (ORG-10).
                self._note_refusal(school, {"asked": self.kwargs, "rule": "ORG-10"})
                raise
            if isinstance(response, TemplateResponse) and not response.is_rendered:
                response.render()
            return response

    def _note_refusal(self, school: School | None, detail: dict[str, Any]) -> None:
        record(
            school=school,
            actor=self.actor,
            action="page.open",
            at=self.now,
            outcome=Outcome.REFUSED,
            detail={"view": type(self).__name__, **detail},
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the template gets; extend it, and call queries only."""
        kwargs.setdefault("view", self)
        kwargs.setdefault("school", self.school)
        kwargs.setdefault("today", self.today)
        kwargs.setdefault("now", self.now)
        return kwargs

    def render(self, *, template: str | None = None, status: int = 200, **context: Any) -> TemplateResponse:
        """The page, or with `template` a fragment of it."""
        return TemplateResponse(
            self.request, template or self.template_name, self.get_context_data(**context), status=status
        )

    @property
    def is_desk_alone(self) -> bool:
        """Whether this session was opened with a desk PIN, and so is for the desk alone."""
        return "desk_only" in self.request.session

    @property
    def is_htmx(self) -> bool:
        return bool(getattr(self.request, "htmx", False))

    def note_view(self, action: str, obj: Model) -> None:
        """Write to the record that this person looked at a restricted record (ORG-09)."""
        record(school=self.school, actor=self.actor, action=action, at=self.now, obj=obj, outcome=Outcome.VIEWED)

    def done(self, message: str, url: str) -> HttpResponse:
        """Say what happened and go on; htmx gets a full redirect from the kit's middleware."""
        messages.success(self.request, message)
        return HttpResponseRedirect(url)


class SchoolFormView(SchoolView, abstract=True):
    """A page with one form. `form_valid` makes one operation call; a refusal is shown at its field, with 422."""

    form_class: ClassVar[type[BaseForm]]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"initial": self.get_initial()}

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_class(self) -> type[BaseForm]:
        """The form; a page whose record asks different things at different times says which."""
        return self.form_class

    def get_form(self) -> BaseForm:
        bound = {"data": self.request.POST, "files": self.request.FILES} if self.request.method == "POST" else {}
        return self.get_form_class()(**bound, **self.get_form_kwargs())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(form=self.get_form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = self.get_form()
        if not form.is_valid():
            return self.form_invalid(form)
        try:
            return self.form_valid(form)
        except NotPermitted:
            raise
        except Refusal as refusal:
            form.add_refusal(refusal)
            return self.form_invalid(form)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        raise NotImplementedError(f"{type(self).__name__} must say what its form does.")

    def form_invalid(self, form: BaseForm) -> HttpResponseBase:
        return self.render(form=form, status=422)
