"""Pages about a pupil’s permissions: asked for, changed, drawn up to be signed, and what everybody may read of them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponseBase

from core.approvals.enums import Kind, State
from core.approvals.hooks import feature_of
from core.approvals.kinds import deciders_of
from core.approvals.models import Approval
from core.approvals.operations import address_of
from core.approvals.queries import approvals_visible_to, last_day
from core.approvals.words import limits_in_words, state_tag, when_in_words
from core.kit.forms import BaseForm, SubmissionForm
from core.people.calendar import london_day
from core.people.models import Pupil
from core.people.queries import pupils_on_roll, staff_of
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import FormPage, Page
from core.rules.queries import UNSPECIFIED
from devices.forms.agreements import AgreeBringForm
from devices.forms.permissions import ANOTHER, ExceptionalForm, SendForm
from devices.forms.routes import ChangeBringForm, ChangeContactRouteForm, ContactRouteForm
from devices.models import ExceptionalUse
from devices.operations import ask_bring_device, change_bring_request, send_bring_agreement
from devices.operations import permissions as ops
from devices.queries import desk_devices, place_choices
from devices.queries.lessons import revocations_visible_to
from devices.queries.permissions import (
    agreements_of,
    brought_device_of,
    exceptional_uses_visible_to,
    permissions_of,
    reasons_offered,
    to_draw_up,
)


class PermissionPage(Page, abstract=True):
    """What the pages about permissions of pupils share."""

    permission = Permission.ASK_PERMISSION

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(pupils_on_roll(self.school, self.today), pk=self.kwargs["pupil"])
        return self._pupil

    def of_pupil(self) -> str:
        return self.link("devices:pupil-permissions", pupil=self.pupil.pk)

    def crumbs(self) -> list[dict[str, str]]:
        # One step back and no more: beside a long name at 360 pixels a second link would be too small a target.
        return [{"label": self.pupil.display_name, "url": self.of_pupil()}]

    def limit_kwargs(self) -> dict[str, Any]:
        """What a form with limits offers."""
        return {"places": place_choices(self.rules), "staff": staff_of(self.school)}


def limits_said(approval: Approval, known: set[str]) -> dict[str, Any]:
    """The limits of a request as its form shows them."""
    own = [place for place in approval.places if place not in known]
    return {
        "starts_on": london_day(approval.starts_at),
        "ends_on": last_day(approval),
        "review_on": approval.review_on,
        "parts": approval.parts,
        "daily_from": approval.daily_from,
        "daily_to": approval.daily_to,
        "places": [place for place in approval.places if place in known],
        "other_place": own[0] if own else "",
        "functions": "\n".join(approval.functions),
        "kept": approval.kept,
        "supervisor": approval.supervisor_id,
        "conditions": approval.conditions,
    }


class PupilPermissionsView(PermissionPage):
    """A pupil’s permissions: what, when and within what limits; never why (law AP-6)."""

    template_name = "devices/pupil_permissions.html"
    title = "Permissions"

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": self.pupil.display_name, "url": self.link("people:pupil", pupil=self.pupil.pk)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        places = dict(place_choices(self.rules))
        leads = self.may(Permission.LEAD_CUSTODY)
        found = permissions_of(self.actor, self.pupil)
        drawn_up = to_draw_up(found) if self.may(Permission.MANAGE_AGREEMENTS) else {}
        signed = agreements_of(self.actor, self.school, self.today, found)
        return super().get_context_data(
            pupil=self.pupil,
            rows=[
                {
                    "url": self.link("overview:approval", approval=row.pk),
                    "kind": row.get_kind_display(),
                    "when": when_in_words(row),
                    "tag": state_tag(row),
                    "limits": [f"{label}: {value}" for label, value in limits_in_words(row, places) if label != "When"],
                    "send_url": self.link(drawn_up[row.pk], approval=row.pk) if row.pk in drawn_up else "",
                    "agreement_url": self.link("agreements:agreement", agreement=signed[row.pk])
                    if row.pk in signed
                    else "",
                    "again_url": f"{self.link('devices:ask-exceptional', pupil=self.pupil.pk)}?again={row.pk}"
                    if row.kind == Kind.EXCEPTIONAL_USE and row.state == State.DECLINED
                    else "",
                }
                for row in found
            ],
            ask_url=self.link("devices:ask-exceptional", pupil=self.pupil.pk),
            bring_url=self.link("devices:ask-bring", pupil=self.pupil.pk)
            if self.rules.pupil_bring_rule == "prior_agreement"
            else "",
            route_url=self.link("devices:ask-contact-route", pupil=self.pupil.pk)
            if not deciders_of(Kind.CONTACT_ROUTE, self.rules).refused
            else "",
            revocations=[
                {
                    "row": row,
                    "end_url": self.link("devices:restore-privilege", revocation=row.pk)
                    if leads and row.ended_at is None and row.ends_on >= self.today
                    else "",
                }
                for row in revocations_visible_to(self.actor, self.school).filter(pupil=self.pupil)
            ],
            revoke_url=self.link("devices:revoke-privilege", pupil=self.pupil.pk)
            if leads and self.rules.break_use == "revocable_privilege"
            else "",
            **kwargs,
        )


class AskBringView(FormPage, PermissionPage):
    """Ask that a pupil may bring a device, where the rule asks for an agreement (DEV-03)."""

    form_class = AgreeBringForm
    title = "Ask that a device may be brought"
    submit_label = "Ask for it"

    def get_intro(self) -> str:
        called = deciders_of(Kind.BRING_DEVICE, self.rules).called
        return f"It covers bringing the device and handing it in, and permits no use. It is for {called} to decide."

    def cancel_url(self) -> str:
        return self.of_pupil()

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"devices": desk_devices(self.pupil)}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        agreement = ask_bring_device(
            school=self.school, actor=self.actor, at=self.now, pupil=self.pupil, **form.cleaned_data
        )
        return self.done("It is asked for.", address_of(agreement.approval))


class AskContactRouteView(FormPage, PermissionPage):
    """Ask that a family may reach a child otherwise than by the office (DEV-28)."""

    form_class = ContactRouteForm
    title = "Ask for a way of its own for a family"

    def get_intro(self) -> str:
        found = deciders_of(Kind.CONTACT_ROUTE, self.rules)
        return found.refused or self.say(
            f"Families reach a {{child}} by the office. An exception is for {found.called} to decide, case by case."
        )

    def cancel_url(self) -> str:
        return self.of_pupil()

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        row = ops.ask_contact_route(
            school=self.school, actor=self.actor, at=self.now, pupil=self.pupil, **form.cleaned_data
        )
        return self.done("It is asked for.", address_of(row.approval))


class ChangePupilRequestView(FormPage, PermissionPage):
    """Change one’s request that a device may be brought, or for a family’s own way, as when it was sent back."""

    title = "Change the request"

    @property
    def row(self) -> Approval:
        if not hasattr(self, "_row"):
            own = approvals_visible_to(self.actor, self.school).filter(
                requested_by=self.actor, kind__in=(Kind.BRING_DEVICE, Kind.CONTACT_ROUTE)
            )
            self._row: Approval = get_or_404(own, pk=self.kwargs["approval"])
        return self._row

    @property
    def pupil(self) -> Pupil:
        pupil = self.row.pupil
        assert pupil is not None
        return pupil

    def get_form_kwargs(self) -> dict[str, Any]:
        given = super().get_form_kwargs()
        return given | {"devices": desk_devices(self.pupil)} if self.row.kind == Kind.BRING_DEVICE else given

    def get_form_class(self) -> type[BaseForm]:
        return ChangeBringForm if self.row.kind == Kind.BRING_DEVICE else ChangeContactRouteForm

    def cancel_url(self) -> str:
        return address_of(self.row)

    def get_initial(self) -> dict[str, Any]:
        row = self.row
        days = {"starts_on": london_day(row.starts_at), "ends_on": last_day(row)}
        said = dict(feature_of(row.kind).reasons(row)).get("Reason", "")
        if row.kind == Kind.BRING_DEVICE:
            return days | {"reason": said, "device": brought_device_of(row)}
        return days | {"route": row.conditions, "why": said}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        change = change_bring_request if self.row.kind == Kind.BRING_DEVICE else ops.change_contact_route
        change(school=self.school, actor=self.actor, at=self.now, approval=self.row, **form.cleaned_data)
        return self.done("The request is changed, and waits again.", self.cancel_url())


class SendBringView(FormPage, PermissionPage):
    """Draw up the agreement that a device may be brought, and issue it to a parent (DOC-03)."""

    permission = Permission.MANAGE_AGREEMENTS
    form_class = SubmissionForm
    title = "Draw up the agreement"
    intro = (
        "A parent signs that they know what happens to the device between the gate and the way home. Why it is brought "
        "stands nowhere in it."
    )
    submit_label = "Draw it up and send it"

    @property
    def row(self) -> Approval:
        if not hasattr(self, "_row"):
            found = approvals_visible_to(self.actor, self.school).filter(kind=Kind.BRING_DEVICE)
            self._row: Approval = get_or_404(found, pk=self.kwargs["approval"])
        return self._row

    @property
    def pupil(self) -> Pupil:
        pupil = self.row.pupil
        assert pupil is not None
        return pupil

    def get_form_kwargs(self) -> dict[str, Any]:
        assert self.row  # hidden and absent are refused before the form is made
        return super().get_form_kwargs()

    def cancel_url(self) -> str:
        return address_of(self.row)

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        agreement = send_bring_agreement(
            school=self.school, actor=self.actor, at=self.now, approval=self.row, **form.cleaned_data
        )
        to = self.link("agreements:agreement", agreement=agreement.pk)
        return self.done("It is drawn up. Now send the link, or have it signed.", to)


class ExceptionalPage(FormPage, PermissionPage, abstract=True):
    """A form about exceptional use."""

    form_class: ClassVar[type[BaseForm]] = ExceptionalForm

    def cancel_url(self) -> str:
        return self.of_pupil()

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | self.limit_kwargs() | {
            "devices": desk_devices(self.pupil),
            "reasons": reasons_offered(self.rules),
            "needs_sanctions": self.rules.exception_sanctions_text == "required",
        }  # fmt: skip

    def given(self, form: BaseForm) -> dict[str, Any]:
        """What the operation takes."""
        assert isinstance(form, ExceptionalForm)
        days = {name: form.cleaned_data[name] for name in ("starts_on", "ends_on", "review_on", "submission")}
        return {
            "school": self.school, "actor": self.actor, "at": self.now, "wish": form.wish(), "limits": form.limits(),
            **days,
        }  # fmt: skip


class AskExceptionalView(ExceptionalPage):
    """Ask that a pupil may keep and use a device. A refusal may be asked to be looked at again (law AP-1)."""

    title = "Ask for exceptional use"
    intro = "For a {child} who needs a device. Next it is talked over with the family, then decided."

    @property
    def again(self) -> Approval | None:
        """The refusal that is to be looked at again, where the address names one."""
        key = self.request.GET.get("again", "")
        if not key.isdecimal() or len(key) > 18:
            return None
        found = approvals_visible_to(self.actor, self.school).filter(pupil=self.pupil, state=State.DECLINED)
        return found.filter(pk=int(key)).first()

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": self.today}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        use = ops.ask_exceptional_use(pupil=self.pupil, review_of=self.again, **self.given(form))
        return self.done("It is asked for. Next, write down the discussion with the family.", address_of(use.approval))


class OfOneUse(ExceptionalPage, abstract=True):
    """A page about one request."""

    @property
    def use(self) -> ExceptionalUse:
        if not hasattr(self, "_use"):
            self._use: ExceptionalUse = get_or_404(
                exceptional_uses_visible_to(self.actor, self.school), approval=self.kwargs["approval"]
            )
        return self._use

    @property
    def pupil(self) -> Pupil:
        pupil = self.use.approval.pupil
        assert pupil is not None
        return pupil

    def cancel_url(self) -> str:
        return address_of(self.use.approval)


class ChangeExceptionalView(OfOneUse):
    """Change a request that is not decided, as when it was sent back. Whoever asked alone sees what it says."""

    title = "Change the request"
    submit_label = "Save the request"

    @property
    def use(self) -> ExceptionalUse:
        if not hasattr(self, "_use"):
            own = exceptional_uses_visible_to(self.actor, self.school).filter(approval__requested_by=self.actor)
            self._use = get_or_404(own, approval=self.kwargs["approval"])
        return self._use

    def get_initial(self) -> dict[str, Any]:
        use = self.use
        known = {key for key, _label in place_choices(self.rules)}
        return limits_said(use.approval, known) | {
            "device": str(use.device_id) if use.device_id else ANOTHER, "device_words": use.device_words,
            "reason": use.reason, "need": use.need, "asked_by": use.asked_by, "evidence_seen": use.evidence_seen,
            "plan_reference": use.plan_reference, "plan_review_on": use.plan_review_on,
            "expectations": use.expectations, "sanctions": use.sanctions,
        }  # fmt: skip

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        ops.change_exceptional_use(use=self.use, **self.given(form))
        return self.done("The request is changed, and waits again.", self.cancel_url())


class SendExceptionalView(OfOneUse):
    """Draw the agreement up from what was approved, and send it for signatures."""

    permission = Permission.MANAGE_AGREEMENTS
    form_class = SendForm
    title = "Draw up the agreement"
    intro = (
        "It holds the device, the limits, what is expected and what follows misuse. The reason stands nowhere in it. "
        "The permission holds once it is signed."
    )

    def get_form_kwargs(self) -> dict[str, Any]:
        assert self.use  # hidden and absent are refused before the form is made
        return {"initial": {}, "is_open": self.rules.exception_agreed_by == UNSPECIFIED}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = dict(form.cleaned_data)
        agreement = ops.send_for_signatures(
            school=self.school, actor=self.actor, at=self.now, approval=self.use.approval,
            signatories=tuple(given.get("signatories", ())), reason=given.get("reason", ""),
            submission=given["submission"],
        )  # fmt: skip
        return self.done("It is drawn up. Now send the link, or have it signed.", self.link(
            "agreements:agreement", agreement=agreement.pk
        ))  # fmt: skip
