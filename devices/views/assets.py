"""The school’s own devices: the register, one device, what needs a look, staff’s work numbers (SDV-01, 02, 06, 13)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import NoReverseMatch, reverse

from agreements.queries.equipment import equipment_use_of
from core.audit.enums import Outcome
from core.audit.operations import record
from core.kit.csv import safe_csv_response
from core.kit.forms import BaseForm
from core.kit.times import day
from core.people.models import Pupil, User
from core.people.queries import all_pupils, people_at, staff_of
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import EditPage, FormPage, Page
from devices.enums import AssetUse
from devices.forms.assets import (
    AssetForm,
    BeyondForm,
    ChangeAssetForm,
    FilterAssetsForm,
    ProtectionForm,
    WorkContactForm,
)
from devices.models import SchoolAsset
from devices.operations import assets as ops
from devices.queries.assets import (
    AssetRow,
    assets_visible_to,
    counts_as_protected,
    documents_governing,
    issues_of,
    issues_of_asset,
    overdue,
    register_of,
    to_be_reset,
    unprotected,
    work_contact_of,
    work_contacts,
)

HEADER = (
    "Number", "Kind", "Make and model", "Serial number", "Telephone number or SIM", "Where it is kept",
    "Who looks after it", "Where it stands", "Protection", "Protected as the rules say", "Checked on", "Checked by",
    "Issued to",
)  # fmt: skip


def line_of(row: AssetRow) -> tuple[str, ...]:
    """One device of the register as plain values, in the order of `HEADER`."""
    asset, holder = row.asset, row.holder
    checked_at, checked_by = asset.protection_checked_at, asset.protection_checked_by
    return (
        asset.number, str(asset.get_type_display()), asset.make, asset.serial, asset.phone_number, asset.location,
        asset.custodian.full_name if asset.custodian else "", str(asset.get_status_display()),
        str(asset.get_protection_display()), "yes" if row.is_protected else "no",
        day(checked_at) if checked_at else "", checked_by.full_name if checked_by else "",
        holder.display_name if holder is not None else "",
    )  # fmt: skip


class AssetPage(Page, abstract=True):
    """What the pages about the school’s own devices share."""

    permission = Permission.MANAGE_ASSETS

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "School devices", "url": self.link("devices:assets")}]

    def cancel_url(self) -> str:
        return self.link("devices:assets")

    def report_url(self, kind: str, person: User) -> str:
        """Where a report about one of the staff begins, with keys alone: nothing is said for the reporter."""
        try:
            return f"{self.link('incidents:report')}?kind={kind}&staff={person.pk}"
        except NoReverseMatch:
            return ""


class AssetsView(AssetPage):
    """The register, narrowed as wished."""

    template_name = "devices/assets.html"
    title = "School devices"

    def crumbs(self) -> list[dict[str, str]]:
        return []

    @property
    def filter(self) -> FilterAssetsForm:
        if not hasattr(self, "_filter"):
            self._filter = FilterAssetsForm(self.request.GET)
        return self._filter

    def rows(self) -> list[AssetRow]:
        return register_of(self.actor, self.school, self.rules, **self.filter.wanted())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            rows=self.rows(),
            form=self.filter,
            query=self.request.GET.urlencode(),
            is_filtered=any(self.filter.wanted().values()),
            open_ones=unprotected(self.school, self.rules).count(),
            late=overdue(self.actor, self.school, self.today).count(),
            not_reset=to_be_reset(self.actor, self.school).count(),
            may_look_up=self.may(Permission.LEAD_CUSTODY),
            **kwargs,
        )


class AssetsListView(AssetsView):
    """The register as a list for a spreadsheet; that it was taken is on record."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        record(
            school=self.school, actor=self.actor, action="devices.export_assets", at=self.now,
            outcome=Outcome.EXPORTED, detail={"as": "csv"},
        )  # fmt: skip
        return safe_csv_response("school-devices.csv", HEADER, (line_of(row) for row in self.rows()))


class AttentionView(AssetPage):
    """What needs somebody: not protected, overdue, not reset yet (SDV-02, SDV-10)."""

    template_name = "devices/assets_attention.html"
    title = "School devices that need a look"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        takes = counts_as_protected(self.rules)
        return super().get_context_data(
            unprotected=list(unprotected(self.school, self.rules).select_related("protection_checked_by")),
            takes=[str(one.label) for one in takes],
            overdue=list(overdue(self.actor, self.school, self.today)),
            to_be_reset=list(to_be_reset(self.actor, self.school)),
            **kwargs,
        )


class AddAssetView(AssetPage, FormPage):
    """Put a device on the register."""

    form_class = AssetForm
    title = "Add a school device"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"staff": staff_of(self.school)}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, AssetForm)
        asset = ops.add_asset(school=self.school, actor=self.actor, at=self.now, **form.given())
        return self.done(
            "It is on the register. Check next how it is protected.", self.link("devices:asset", asset=asset.pk)
        )


class OneAssetPage(AssetPage, abstract=True):
    """A page about one device of the school’s."""

    @property
    def asset(self) -> SchoolAsset:
        if not hasattr(self, "_asset"):
            self._asset: SchoolAsset = get_or_404(assets_visible_to(self.actor, self.school), pk=self.kwargs["asset"])
        return self._asset

    def crumbs(self) -> list[dict[str, str]]:
        return [*super().crumbs(), {"label": self.asset.number, "url": self.cancel_url()}]

    def cancel_url(self) -> str:
        return self.link("devices:asset", asset=self.asset.pk)


class AssetView(OneAssetPage):
    """One device: what is known of it, its protection, who has and had it, what governs its use (SDV-10, SDV-13)."""

    template_name = "devices/asset.html"

    def crumbs(self) -> list[dict[str, str]]:
        return super().crumbs()[:1]

    def get_title(self) -> str:
        return f"{self.asset.get_type_display()} {self.asset.number}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        issues = issues_of_asset(self.actor, self.asset)
        return super().get_context_data(
            asset=self.asset,
            is_protected=self.asset.protection in counts_as_protected(self.rules),
            issues=issues,
            current=next((one for one in issues if one.returned_at is None), None),
            documents=documents_governing(self.school, self.rules, self.today),
            **kwargs,
        )


class ChangeAssetView(OneAssetPage, EditPage):
    """Change what the register says of it."""

    form_class = ChangeAssetForm
    title = "Change a school device"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"staff": staff_of(self.school)}

    def get_record(self) -> SchoolAsset:
        return get_or_404(assets_visible_to(self.actor, self.school), pk=self.kwargs["asset"])

    def values_of(self, record: Any) -> dict[str, Any]:
        return super().values_of(record) | {"custodian": record.custodian_id}

    def save(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ChangeAssetForm)
        ops.change_asset(school=self.school, actor=self.actor, at=self.now, asset=self.asset, **form.given())
        return self.done("It is saved.", self.cancel_url())


class CheckProtectionView(OneAssetPage, FormPage):
    """Say how it was found protected (SDV-02)."""

    form_class = ProtectionForm
    title = "Check the protection"
    intro = "Look at the device itself. Never write down a password, passcode or PIN."

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        ops.check_protection(school=self.school, actor=self.actor, at=self.now, asset=self.asset, **form.cleaned_data)
        return self.done("It is saved, with your name and the time.", self.cancel_url())


class BeyondView(AssetPage):
    """School equipment was used for something else: is there the head’s written word? (SDV-08, SDV-12)

    With it there is no breach; without it a report of misuse is offered. It writes nothing.
    """

    permission = Permission.LEAD_CUSTODY
    template_name = "devices/equipment_beyond.html"
    title = "School equipment used for something else"

    def crumbs(self) -> list[dict[str, str]]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = "person" in self.request.GET
        form = BeyondForm(self.request.GET if asked else None, staff=staff_of(self.school), initial={"day": self.today})
        found: dict[str, Any] = {}
        if asked and form.is_valid():
            said = form.cleaned_data
            person = form.people[said["person"]]
            live = [one for one in equipment_use_of(person, said["day"]) if one.kind == said["use"]]
            found = {
                "person": person,
                "day": said["day"],
                "use": str(AssetUse(said["use"]).label).lower(),
                "authorised": live,
                "report_url": "" if live else self.report_url("equipment", person),
            }
        return super().get_context_data(form=form, found=found, **kwargs)


class WorkContactsView(AssetPage):
    """Staff who reach pupils or families, and by which work number and email; who lacks one first (SDV-06)."""

    template_name = "devices/work_contacts.html"
    title = "Work numbers and emails"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            rows=work_contacts(self.school, staff_of(self.school)),
            is_issued=self.rules.work_phone_for_contact_staff == "issued",
            **kwargs,
        )


class StaffPage(AssetPage, abstract=True):
    """A page about what one of the staff has of the school’s."""

    @property
    def person(self) -> User:
        if not hasattr(self, "_person"):
            self._person: User = get_or_404(people_at(self.school), pk=self.kwargs["person"])
        return self._person

    def cancel_url(self) -> str:
        return self.link("devices:staff-assets", person=self.person.pk)


class StaffAssetsView(StaffPage):
    """Which school devices one of the staff has or had, and their work number; also a part of the staff record."""

    template_name = "devices/staff_assets.html"

    def get_title(self) -> str:
        return "School devices and work number"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(template="devices/_staff_assets.html" if self.is_htmx else None)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        contact = work_contact_of(self.school, self.person)
        issued = self.rules.work_phone_for_contact_staff == "issued"
        return super().get_context_data(
            person=self.person,
            issues=issues_of(self.actor, self.school, self.person),
            contact=contact,
            lacks_contact=issued and contact is not None and contact.needs_contact and not contact.is_complete,
            **kwargs,
        )


class SetWorkContactView(StaffPage, FormPage):
    """Set a work number and a work email."""

    form_class = WorkContactForm
    title = "Work number and email"

    def get_initial(self) -> dict[str, Any]:
        row = work_contact_of(self.school, self.person)
        if row is None:
            return {"needs_contact": True}
        return {"needs_contact": row.needs_contact, "number": row.number, "email": row.email}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        ops.set_work_contact(school=self.school, actor=self.actor, at=self.now, user=self.person, **form.cleaned_data)
        return self.done("It stands on the staff record.", self.cancel_url())


class PupilAssetsView(AssetPage):
    """Which school devices a pupil has or had (SDV-10)."""

    template_name = "devices/pupil_assets.html"
    title = "School devices of a {child}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pupil: Pupil = get_or_404(all_pupils(self.school), pk=self.kwargs["pupil"])
        return super().get_context_data(
            pupil=pupil, issues=issues_of(self.actor, self.school, pupil),
            ask_url=reverse("devices:ask-school-device-for", args=[self.school.slug, pupil.pk]), **kwargs,
        )  # fmt: skip
