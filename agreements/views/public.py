"""The base of pages inside a school that need no account: a family's link, and the check of a document (security 5.3).

They show nothing that is not meant for whoever holds the link, are kept nowhere, and answer strangers all alike.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic import View
from django_scopes import scope

from core.people.hooks import rules_on
from core.people.models import School
from core.people.queries import school_called

_MINUTE = 60


def address_of(request: HttpRequest) -> str:
    """The address that a request comes from, as far as the trusted proxies tell."""
    return str(get_adapter().get_client_ip(request))


@method_decorator(login_not_required, name="dispatch")
class PublicSchoolView(View):
    """A page of one school for whoever has its address. Subclasses say what they show; the scope is the school's."""

    template_name: ClassVar[str] = ""
    takes_files: ClassVar[bool] = False

    request: HttpRequest
    school: School

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

    @property
    def address(self) -> str:
        """From where the request comes, as far as the server knows."""
        return address_of(self.request)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        school = school_called(kwargs.pop("school"))
        if school is None:
            raise Http404
        self.school = school
        self.kwargs.pop("school", None)
        with scope(school=school):
            if request.method == "POST" and not self.takes_files and request.FILES:
                return self.render(template="415.html", status=415)
            response = super().dispatch(request, *args, **kwargs)
            if isinstance(response, TemplateResponse) and not response.is_rendered:
                response.render()
        response["Cache-Control"] = "no-store"
        # Stricter than this, and a browser posts a form of the page without saying from where: it would be refused.
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the template gets; extend it, and call queries only."""
        kwargs.setdefault("view", self)
        kwargs.setdefault("the_school", self.school)
        kwargs.setdefault("today", self.today)
        return kwargs

    def render(self, *, template: str | None = None, status: int = 200, **context: Any) -> TemplateResponse:
        """The page."""
        return TemplateResponse(
            self.request, template or self.template_name, self.get_context_data(**context), status=status
        )

    def too_often(self, what: str, most: int) -> bool:
        """Count one try of `what` from this address; whether there were more than `most` in a minute."""
        key = f"public:{what}:{self.school.pk}:{self.address}:{int(self.now.timestamp()) // _MINUTE}"
        cache.add(key, 0, timeout=2 * _MINUTE)
        return cache.incr(key) > most
