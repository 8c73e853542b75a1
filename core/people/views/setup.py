"""Setting up: the one-time link, the first school, the list of what a new school does, further schools."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic import View

from core.kit.forms import BaseForm
from core.kit.refusals import Refusal
from core.people import operations, queries
from core.people.enums import LinkKind
from core.people.forms import AddSchoolForm, FirstPasswordForm, SetUpForm
from core.people.models import OneTimeLink, User
from core.people.operations.links import token_hash
from core.people.roles import Permission
from core.people.views.pages import ActPage, FormPage, Page

_BACKEND = "core.people.backends.PeopleBackend"


@method_decorator(login_not_required, name="dispatch")
class LinkView(View):
    """A page behind a one-time link. The token is swapped for the session on the first GET, so that it stands in no
    address, history or referrer afterwards; only POST spends it. Unknown, used and run-out links look alike."""

    kind: LinkKind
    session_key: str
    page_name: str

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        digest = token_hash(token)
        if queries.link_of(self.kind, digest, timezone.now()) is None:
            return _spent(request)
        request.session[self.session_key] = digest
        response = redirect(self.page_name)
        response["Referrer-Policy"] = "no-referrer"
        return response


class SetUpLinkView(LinkView):
    """The link that `manage.py setup_link` prints."""

    kind, session_key, page_name = LinkKind.SET_UP, "set_up_link", "session:set-up"


class InvitationLinkView(LinkView):
    """The link in the email to somebody who has been invited."""

    kind, session_key, page_name = LinkKind.INVITATION, "invitation_link", "session:invitation"


def _spent(request: HttpRequest) -> HttpResponse:
    return render(request, "people/link_spent.html", status=404)


@method_decorator(login_not_required, name="dispatch")
class LinkFormView(View):
    """The page that a one-time link leads to."""

    kind: LinkKind
    session_key: str
    template_name: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        link = queries.link_of(self.kind, str(request.session.get(self.session_key, "")), timezone.now())
        if link is None:
            return _spent(request)
        self.link = link
        return super().dispatch(request, *args, **kwargs)

    def get_form(self, data: Any = None) -> BaseForm:
        raise NotImplementedError

    def act(self, form: BaseForm, link: OneTimeLink) -> HttpResponse:
        raise NotImplementedError

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(self.get_form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.get_form(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        try:
            return self.act(form, self.link)
        except Refusal as refusal:
            form.add_refusal(refusal)
            return self._page(form, status=422)

    def _page(self, form: BaseForm, status: int = 200) -> HttpResponse:
        return render(self.request, self.template_name, {"form": form, "link": self.link}, status=status)

    def sign_in(self, user: User) -> None:
        """Sign the new account in; the session's key changes."""
        self.request.session.pop(self.session_key, None)
        login(self.request, user, backend=_BACKEND)


class SetUpSchoolView(LinkFormView):
    """The first school and the account of who sets it up."""

    kind, session_key, template_name = LinkKind.SET_UP, "set_up_link", "people/set_up_school.html"

    def get_form(self, data: Any = None) -> BaseForm:
        return SetUpForm(data, initial={"rules_from": timezone.localdate()})

    def act(self, form: BaseForm, link: OneTimeLink) -> HttpResponse:
        given = form.cleaned_data
        school = operations.create_school(
            name=given["name"],
            phases=given["phases"],
            preset=given["preset"],
            rules_from=given["rules_from"],
            demand_mfa=settings.MFA_DEMANDED,
            administrator=operations.NewPerson(
                given_name=given["given_name"],
                family_name=given["family_name"],
                email=given["email"],
                password=given["password"],
            ),
            actor=None,
            at=timezone.now(),
            link=link,
            submission=given["submission"],
        )
        user = queries.account_of(given["email"])
        if user is None:
            raise LookupError("A new school has an administrator.")
        self.sign_in(user)
        messages.success(self.request, "The school is set up. This list shows what comes next.")
        return redirect("people:set-up", school=school.slug)


class InvitationView(LinkFormView):
    """Choose the first password, and be signed in."""

    kind, session_key, template_name = LinkKind.INVITATION, "invitation_link", "people/accept_invitation.html"

    def get_form(self, data: Any = None) -> BaseForm:
        user = self.link.user
        if user is None:
            raise LookupError("An invitation names its account.")
        return FirstPasswordForm(data, user=user)

    def act(self, form: BaseForm, link: OneTimeLink) -> HttpResponse:
        user = operations.accept_invitation(link=link, password=form.cleaned_data["password"], at=timezone.now())
        self.sign_in(user)
        messages.success(self.request, "Your password is set. You are signed in.")
        return redirect("/")


class SetUpView(Page):
    """What a new school does, each line with its state as it is in the data (ux §2: task list)."""

    permission = Permission.MANAGE_SCHOOL
    template_name = "people/set_up.html"
    title = "Set up your school"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = queries.set_up_lines(self.school, self.today)
        kwargs["tasks"] = [
            {
                "label": line.label,
                "url": self._address(line.url_name),
                "hint": line.state.hint,
                "done": line.state.done,
                "kind": "waiting",
                "word": "Completed" if line.state.done else "To do",
            }
            for line in lines
        ]
        kwargs["done_count"] = sum(line.state.done for line in lines)
        kwargs["all_done"] = kwargs["done_count"] == len(lines)
        return super().get_context_data(**kwargs)

    def _address(self, name: str) -> str:
        try:
            return self.link(name)
        except NoReverseMatch:
            return ""


class FinishSetUpView(ActPage):
    """Say that the list is worked through."""

    permission = Permission.MANAGE_SCHOOL

    def back(self) -> str:
        return self.link("people:set-up")

    def act(self, submission: Any) -> str:
        operations.finish_set_up(school=self.school, actor=self.actor, at=self.now, submission=submission)
        return "Set-up is finished. The list stays here for whenever you need it."


class AddSchoolView(FormPage):
    """Another school of the trust, with this administrator as its first."""

    permission = Permission.MANAGE_SCHOOL
    form_class = AddSchoolForm
    title = "Add another school"
    intro = "It has its own roll, rules, staff and record. You become its first administrator."

    def cancel_url(self) -> str:
        return self.link("people:set-up")

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Set-up", "url": self.cancel_url()}]

    def get_initial(self) -> dict[str, Any]:
        return {"rules_from": self.today}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = form.cleaned_data
        made = operations.create_school(
            name=given["name"],
            phases=given["phases"],
            preset=given["preset"],
            rules_from=given["rules_from"],
            demand_mfa=settings.MFA_DEMANDED,
            administrator=self.actor,
            actor=self.actor,
            at=self.now,
            school=self.school,
            submission=given["submission"],
        )
        messages.success(self.request, "The school has been added.")
        return redirect("people:set-up", school=made.slug)
