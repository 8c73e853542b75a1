"""Staff: who is here, what they hold, how they get in, how they leave (ORG-02 to ORG-08, ORG-20, ORG-21)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase
from django.urls import NoReverseMatch

from core.kit.forms import BaseForm, SubmissionForm
from core.people import hooks, operations, queries
from core.people.forms import (
    EditPersonForm,
    EndRoleForm,
    FactorResetForm,
    GrantRoleForm,
    InviteForm,
    ReasonForm,
    StaffFilterForm,
)
from core.people.models import FactorReset, RoleHolding, User
from core.people.roles import Permission, Role
from core.people.views.base import get_or_404
from core.people.views.pages import ActPage, EditPage, FormPage, Page

# The posts whose name is one of the school's own words (ORG-07).
_LABELS = {
    Role.HEADTEACHER.label: "{Head}",
    Role.SAFEGUARDING_GOVERNOR.label: "Lead {governor} for safeguarding",
}


class StaffView(Page):
    """Everybody who works here. The filter is posted, so that no name stands in an address."""

    permission = Permission.MANAGE_ACCOUNTS
    template_name = "people/list_staff.html"
    title = "Staff"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self._page(StaffFilterForm(initial={"state": "here"}), {})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        form = StaffFilterForm(request.POST)
        if not form.is_valid():
            return self._page(form, {}, status=422)
        return self._page(form, form.cleaned_data)

    def _page(self, form: BaseForm, given: dict[str, Any], status: int = 200) -> HttpResponseBase:
        rows = queries.staff_list(
            self.school,
            today=self.today,
            role=given.get("role", ""),
            state=given.get("state") or "here",
            text=given.get("text", ""),
        )
        narrowed = any(given.get(name) for name in ("role", "text")) or given.get("state", "here") not in ("", "here")
        return self.render(form=form, rows=rows, narrowed=narrowed, gaps=queries.role_gaps(self.school), status=status)


class RolesView(Page):
    """Who holds what: DSLs by phase, deputies, heads, the holder of online safety; gaps stand out (ORG-21)."""

    permission = Permission.VIEW_RULES
    template_name = "people/list_posts.html"
    title = "Who holds what"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = hooks.words_on(self.school, self.today)
        kwargs["posts"] = [
            replace(
                post,
                label=self.say(_LABELS[post.label]) if post.label in _LABELS else post.label,
                gap=post.gap.replace("headteacher", words.head),
            )
            for post in queries.posts_of(self.school, self.today)
        ]
        kwargs["may_manage"] = self.may(Permission.MANAGE_ACCOUNTS)
        return super().get_context_data(**kwargs)


class _PersonPage(Page, abstract=True):
    permission = Permission.MANAGE_ACCOUNTS

    def get_person(self) -> User:
        return get_or_404(queries.people_at(self.school), pk=self.kwargs["person"])

    @property
    def person(self) -> User:
        if not hasattr(self, "_person"):
            self._person = self.get_person()
        return self._person

    def person_url(self) -> str:
        return self.link("people:person", person=self.kwargs["person"])

    def cancel_url(self) -> str:
        return self.person_url()

    def back(self) -> str:
        return self.person_url()

    def crumbs(self) -> list[dict[str, str]]:
        return [
            {"label": "Staff", "url": self.link("people:staff")},
            {"label": self.person.full_name, "url": self.person_url()},
        ]


class PersonView(_PersonPage):
    """One person's place, roles and ways in."""

    template_name = "people/person.html"

    def get_title(self) -> str:
        return self.person.full_name

    def crumbs(self) -> list[dict[str, str]]:
        return super().crumbs()[:1]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person, place = self.person, queries.place_of(self.school, self.person)
        holdings = list(queries.holdings_at(self.school, person))
        running = [h for h in holdings if h.cut_at is None and (h.ends_on is None or h.ends_on >= self.today)]
        reset = queries.open_reset(self.school, person, self.now)
        row = queries.StaffRow(place, running, queries.has_second_step(person))
        kwargs |= {
            "person": person,
            "place": place,
            "row": row,
            "running": running,
            "ended": [holding for holding in holdings if holding not in running],
            "invitation": queries.last_invitation(self.school, person) if row.state == "invited" else None,
            "reset": reset,
            "may_confirm": reset is not None and self.actor.pk not in (reset.asked_by_id, person.pk),
            "is_self": person.pk == self.actor.pk,
            "assets_url": self._assets_url() if self.may(Permission.MANAGE_ASSETS) else "",
        }
        return super().get_context_data(**kwargs)

    def _assets_url(self) -> str:
        """School devices and work number (SDV-06), in an app above this one, where there is such an app."""
        try:
            return self.link("devices:staff-assets", person=self.person.pk)
        except NoReverseMatch:
            return ""


class InviteView(FormPage):
    """Invite somebody: one email with a link that lives a day."""

    permission = Permission.MANAGE_ACCOUNTS
    form_class = InviteForm
    title = "Invite somebody"
    intro = (
        "They get an email with a link that works once, for 24 hours, and choose their own password. Somebody who "
        "already uses schoolsafe at another school keeps the account they have."
    )

    def cancel_url(self) -> str:
        return self.link("people:staff")

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Staff", "url": self.cancel_url()}]

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        form = cast(InviteForm, form)
        given = form.cleaned_data
        person = operations.invite_person(
            school=self.school,
            actor=self.actor,
            at=self.now,
            email=given["email"],
            given_name=given["given_name"],
            family_name=given["family_name"],
            title=given["title"],
            job_title=given["job_title"],
            category=given["category"],
            staff_code=given["staff_code"],
            roles=form.wishes(),
            submission=given["submission"],
        )
        return self.done("The invitation is on its way.", self.link("people:person", person=person.pk))


class EditPersonView(_PersonPage, EditPage):
    """Name, address until the first sign-in, job title, category."""

    form_class = EditPersonForm
    title = "Change details"
    submit_label = "Save the details"

    def get_record(self) -> Model:
        return queries.place_of(self.school, self.person)

    def values_of(self, record: Any) -> dict[str, Any]:
        return {
            "title": record.user.title,
            "given_name": record.user.given_name,
            "family_name": record.user.family_name,
            "email": record.user.email,
            "job_title": record.job_title,
            "category": record.category,
            "staff_code": record.staff_code,
            "line_manager": str(record.line_manager_id or ""),
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        others = [one for one in queries.staff_of(self.school) if one.pk != self.person.pk]
        manager = queries.place_of(self.school, self.person).line_manager
        if manager is not None and manager not in others:
            others.append(manager)  # they have left: nothing is lost by opening the page
        return super().get_form_kwargs() | {"managers": others}

    def save(self, form: BaseForm) -> HttpResponseBase:
        operations.edit_person(school=self.school, actor=self.actor, at=self.now, user=self.person, **form.cleaned_data)
        return self.done("The details are saved.", self.person_url())


class GrantRoleView(_PersonPage, FormPage):
    """Give a role."""

    form_class = GrantRoleForm
    title = "Give a role"
    intro = "It can be used from the next page they open."

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"school": self.school}

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        form = cast(GrantRoleForm, form)
        given = form.cleaned_data
        operations.grant_role(
            school=self.school,
            actor=self.actor,
            at=self.now,
            user=self.person,
            wish=form.wish(),
            starts_on=given["starts_on"],
            ends_on=given["ends_on"],
            submission=given["submission"],
        )
        return self.done("The role is given.", self.person_url())


class EndRoleView(_PersonPage, FormPage):
    """End a role, now or with a day."""

    form_class = EndRoleForm
    danger = True

    def get_title(self) -> str:
        return f"End the role “{self.holding.get_role_display()}”"

    @property
    def holding(self) -> RoleHolding:
        if not hasattr(self, "_holding"):
            self._holding = get_or_404(queries.holdings_at(self.school, self.person), pk=self.kwargs["holding"])
        return self._holding

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        form = cast(EndRoleForm, form)
        operations.end_role(
            school=self.school,
            actor=self.actor,
            at=self.now,
            holding=self.holding,
            last_day=form.chosen_day(),
            submission=form.cleaned_data["submission"],
        )
        return self.done("The role has an end.", self.person_url())


class EndEmploymentView(_PersonPage, FormPage):
    """Somebody leaves, now."""

    form_class = SubmissionForm
    title = "End employment"
    submit_label = "End employment now"
    danger = True
    intro = (
        "All their roles at this school end now and they are out at once. What they did stays on record. If they work "
        "at no other school here, their account is closed too."
    )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.end_employment(
            school=self.school,
            actor=self.actor,
            at=self.now,
            user=self.person,
            submission=form.cleaned_data["submission"],
        )
        return self.done("Their employment has ended and they are signed out.", self.person_url())


class DeactivateView(_PersonPage, FormPage):
    """Switch an account off for a while."""

    form_class = ReasonForm
    title = "Deactivate the account"
    submit_label = "Deactivate the account"
    danger = True
    intro = "They are signed out at once and cannot sign in until the account is reactivated. Their roles stay."

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.deactivate_account(
            school=self.school,
            actor=self.actor,
            at=self.now,
            user=self.person,
            reason=form.cleaned_data["reason"],
            submission=form.cleaned_data["submission"],
        )
        return self.done("The account is deactivated.", self.person_url())


class ReactivateView(_PersonPage, ActPage):
    """Switch an account on again."""

    def act(self, submission: Any) -> str:
        operations.reactivate_account(
            school=self.school, actor=self.actor, at=self.now, user=self.person, submission=submission
        )
        return "The account works again."


class ResendInvitationView(_PersonPage, ActPage):
    """Send a new link; the old one stops working."""

    def act(self, submission: Any) -> str:
        operations.resend_invitation(
            school=self.school, actor=self.actor, at=self.now, user=self.person, submission=submission
        )
        return "A new invitation is on its way. The earlier link no longer works."


class SignOutPersonView(_PersonPage, ActPage):
    """End every session of somebody."""

    def act(self, submission: Any) -> str:
        operations.sign_out_person(
            school=self.school, actor=self.actor, at=self.now, user=self.person, submission=submission
        )
        return "They are signed out everywhere."


class AskFactorResetView(_PersonPage, FormPage):
    """First of two people: a lost second step."""

    form_class = FactorResetForm
    title = "Lost second step"
    intro = (
        "Two people have to agree, because whoever gets in without the second step gets in as this person. Meet them "
        "or ring a number you know; an email is not enough."
    )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.ask_factor_reset(
            school=self.school,
            actor=self.actor,
            at=self.now,
            user=self.person,
            reason=form.cleaned_data["reason"],
            submission=form.cleaned_data["submission"],
        )
        return self.done("A second person can now confirm this, within 24 hours.", self.person_url())


class ConfirmFactorResetView(_PersonPage, FormPage):
    """Second of two people: take it off."""

    form_class = SubmissionForm
    title = "Take off the second step"
    submit_label = "Confirm and take it off"
    danger = True

    @property
    def reset(self) -> FactorReset:
        return get_or_404(queries.open_resets(self.school, self.now).filter(user=self.person), pk=self.kwargs["reset"])

    def get_intro(self) -> str:
        reset = self.reset
        return (
            f"Asked for by {reset.asked_by.display_name}: {reset.reason} Confirm only if you too have made sure who is "
            "asking. They are signed out everywhere and set up a new second step."
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.confirm_factor_reset(
            school=self.school,
            actor=self.actor,
            at=self.now,
            reset=self.reset,
            submission=form.cleaned_data["submission"],
        )
        return self.done("The second step is taken off.", self.person_url())
