"""The log of pictures taken with school equipment: no page shows, takes or points to a picture (CON-08, CON-09)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import NoReverseMatch

from agreements.queries.consent_lists import pupils_in
from core.audit.enums import Outcome
from core.audit.operations import record
from core.kit.csv import safe_csv_response
from core.kit.forms import BaseForm
from core.kit.times import day
from core.people.models import FormGroup, User
from core.people.queries import forms_of, staff_of
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import FormPage, Page
from devices.forms.assets import (
    ChallengeForm,
    FilterSetsForm,
    ImageSetForm,
    JustifyForm,
    ScrutinyForm,
    ShownForm,
)
from devices.models import ImageSet
from devices.operations import image_sets as ops
from devices.queries.image_sets import (
    equipment_for_pictures,
    image_sets,
    image_sets_visible_to,
    is_answerable_by,
    shown_in,
)

_MOST = 200
HEADER = (
    "Day", "Activity", "Taken by", "School device", "What for", "In words", "Where they are kept", "All suit",
    "What does not suit", "Pupils shown", "Of them not to be shown", "Scrutinised on", "Scrutinised by", "Questioned",
    "Answered",
)  # fmt: skip


def line_of(row: Any) -> tuple[str, ...]:
    """One set as plain values, in the order of `HEADER`; no pupil is named."""
    return (
        day(row.taken_on), row.activity, row.photographer.full_name, row.asset.number, str(row.get_purpose_display()),
        row.for_what, row.stored_where, "yes" if row.is_suitable else "no", row.suitable_note, str(row.shown_count),
        str(row.refused_count), day(row.scrutinised_at) if row.scrutinised_at else "",
        row.scrutinised_by.full_name if row.scrutinised_by else "", "yes" if row.challenged_at else "no",
        "yes" if row.justified_at else "no",
    )  # fmt: skip


class PicturesPage(Page, abstract=True):
    """What the pages of the log share."""

    permission = Permission.CHECK_IMAGES

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": "Log of pictures", "url": self.link("devices:image-sets")}]


class ImageSetsView(PicturesPage):
    """The log: everybody’s to those who scrutinise, to others their own."""

    template_name = "devices/image_sets.html"
    title = "Log of pictures"

    def crumbs(self) -> list[dict[str, str]]:
        return []

    @property
    def filter(self) -> FilterSetsForm:
        if not hasattr(self, "_filter"):
            self._filter = FilterSetsForm(self.request.GET)
        return self._filter

    def rows(self) -> Any:
        return image_sets(self.actor, self.school, **self.filter.wanted())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            rows=list(self.rows()[:_MOST]),
            form=self.filter,
            is_filtered=any(self.filter.wanted().values()),
            query=self.request.GET.urlencode(),
            sees_all=self.may(Permission.VIEW_IMAGE_SETS),
            **kwargs,
        )


class ImageSetsListView(ImageSetsView):
    """The log as a list for a spreadsheet; that it was taken is on record."""

    permission = Permission.VIEW_IMAGE_SETS

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        record(
            school=self.school, actor=self.actor, action="devices.export_image_sets", at=self.now,
            outcome=Outcome.EXPORTED, detail={"as": "csv"},
        )  # fmt: skip
        return safe_csv_response("log-of-pictures.csv", HEADER, (line_of(row) for row in self.rows()))


class LogImageSetView(PicturesPage, FormPage):
    """Log a set. Without a school device it is refused, and a report of the breach is offered (CON-08)."""

    template_name = "devices/log_image_set.html"
    form_class = ImageSetForm
    title = "Log pictures that were taken"
    intro = "What was taken, with which school device, and that it suits. No picture is sent here."

    def cancel_url(self) -> str:
        return self.link("devices:image-sets")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "staff": staff_of(self.school), "assets": equipment_for_pictures(self.school),
        }  # fmt: skip

    def get_initial(self) -> dict[str, Any]:
        return {"taken_on": self.today, "photographer": self.actor.pk}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ImageSetForm)
        given = form.given()
        try:
            row = ops.log_image_set(school=self.school, actor=self.actor, at=self.now, **given)
        except ops.NoSchoolAsset as refusal:
            form.add_refusal(refusal)
            return self.render(form=form, breach_url=self._breach_url(given["photographer"]), status=422)
        return self.done(
            "The set is logged. Say next who is to be seen.", self.link("devices:image-set", image_set=row.pk)
        )

    def _breach_url(self, photographer: User) -> str:
        """Where a report about an own device begins, with keys alone."""
        try:
            return f"{self.link('incidents:report')}?kind=staff_own_device&staff={photographer.pk}"
        except NoReverseMatch:
            return ""


class OneSetPage(PicturesPage, abstract=True):
    """A page about one set."""

    @property
    def image_set(self) -> ImageSet:
        if not hasattr(self, "_image_set"):
            visible = image_sets_visible_to(self.actor, self.school)
            self._image_set: ImageSet = get_or_404(visible, pk=self.kwargs["image_set"])
        return self._image_set

    def cancel_url(self) -> str:
        return self.link("devices:image-set", image_set=self.image_set.pk)

    def crumbs(self) -> list[dict[str, str]]:
        return [*super().crumbs(), {"label": self.image_set.activity, "url": self.cancel_url()}]


class ImageSetView(OneSetPage):
    """One set: what it is, who is in it and may not be shown, what leaders found (CON-09)."""

    template_name = "devices/image_set.html"

    def crumbs(self) -> list[dict[str, str]]:
        return super().crumbs()[:1]

    def get_title(self) -> str:
        return self.image_set.activity

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.image_set
        judges = self.may(Permission.VIEW_IMAGE_SETS) and row.photographer_id != self.actor.pk
        shown = shown_in(row)
        return super().get_context_data(
            row=row,
            shown=shown,
            refused=sum(not one.is_allowed for one in shown),
            groups=forms_of(self.school),
            may_judge=judges,
            may_challenge=judges and row.challenged_at is None,
            may_answer=is_answerable_by(self.actor, row),
            **kwargs,
        )


class NameShownView(OneSetPage, FormPage):
    """Tick who of a form is to be seen; what their consent says is kept with each."""

    form_class = ShownForm
    title = "Who is to be seen?"
    intro = "What their image consent says is looked up and kept with each name."

    @property
    def group(self) -> FormGroup:
        if not hasattr(self, "_group"):
            self._group: FormGroup = get_or_404(forms_of(self.school), pk=self.kwargs["form"])
        return self._group

    def get_form_kwargs(self) -> dict[str, Any]:
        known = {one.pupil_id for one in shown_in(self.image_set)}
        pupils = [one for one in pupils_in(self.school, [self.group], self.today) if one.pk not in known]
        return super().get_form_kwargs() | {"pupils": pupils}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, ShownForm)
        ops.name_shown(school=self.school, actor=self.actor, at=self.now, image_set=self.image_set, **form.given())
        return self.done("They are added, with what their consent says.", self.cancel_url())


class JudgePage(OneSetPage, FormPage, abstract=True):
    """A form of a leader about a set; nobody judges their own pictures."""

    permission = Permission.VIEW_IMAGE_SETS

    def get_form_kwargs(self) -> dict[str, Any]:
        assert self.image_set  # hidden and absent are refused before the form is made
        return super().get_form_kwargs()


class ScrutiniseView(JudgePage):
    """Keep what one found."""

    form_class: ClassVar[type[BaseForm]] = ScrutinyForm
    title = "Scrutinise these pictures"
    intro = "Look through them where they are kept. What you found stands here with your name."

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        ops.scrutinise_images(
            school=self.school, actor=self.actor, at=self.now, image_set=self.image_set, **form.cleaned_data
        )
        return self.done("What you found is saved.", self.cancel_url())


class ChallengeView(JudgePage):
    """Ask for a justification."""

    form_class: ClassVar[type[BaseForm]] = ChallengeForm
    title = "Question these pictures"
    intro = "Whoever took them is asked to justify them here."

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        ops.challenge_images(
            school=self.school, actor=self.actor, at=self.now, image_set=self.image_set, **form.cleaned_data
        )
        return self.done("They are asked to justify the pictures.", self.cancel_url())


class JustifyView(OneSetPage, FormPage):
    """Answer a challenge: whoever took the pictures; for others the page does not exist."""

    form_class = JustifyForm
    title = "Justify these pictures"

    def get_form_kwargs(self) -> dict[str, Any]:
        if self.image_set.photographer_id != self.actor.pk:
            raise Http404
        return super().get_form_kwargs()

    def get_intro(self) -> str:
        return self.image_set.challenge

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        ops.justify_images(
            school=self.school, actor=self.actor, at=self.now, image_set=self.image_set, **form.cleaned_data
        )
        return self.done("Your answer is saved, and whoever asked is told.", self.cancel_url())
