"""Who consented to what: by form, by pupil; an answer is recorded, changed, withdrawn (matrix 1.11, 4.15)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from agreements.enums import ConsentPurpose, ImageUseState, OwnConsentState
from agreements.forms.consent import AdultConsentForm, ConsentPaperForm, RecordConsentForm, WithdrawConsentForm
from agreements.models import ImageConsent
from agreements.operations import consent_giving
from agreements.queries.consent_lists import (
    PICTURED,
    adult_consents,
    consents_visible_to,
    events_of,
    forms_with_answers,
    own_decisions_of,
    standings_in,
    uses_of_pupil,
    who_may_consent,
)
from agreements.queries.consent_standing import Answer, Standing, standings_of
from core.kit.forms import BaseForm
from core.people.models import Pupil
from core.people.queries import all_pupils, forms_of, staff_of
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView, get_or_404
from core.rules.queries import UNSPECIFIED
from core.rules.words import words_for


class ImagesView(SchoolView, abstract=True):
    """A page about consent to images."""

    def url(self, name: str, *keys: int) -> str:
        return reverse(f"agreements:{name}", args=[self.school.slug, *keys])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("may_manage", self.may(Permission.MANAGE_CONSENTS))
        kwargs.setdefault("rules", self.rules)
        return super().get_context_data(**kwargs)


class ImagesOfPupilView(ImagesView, abstract=True):
    """A page about images of one pupil."""

    @property
    def pupil(self) -> Pupil:
        if not hasattr(self, "_pupil"):
            self._pupil: Pupil = get_or_404(all_pupils(self.school), pk=self.kwargs["pupil"])
        return self._pupil

    def back(self) -> str:
        return self.url("pupil-consents", self.pupil.pk)

    def standing(self) -> Standing:
        return standings_of(self.school, [self.pupil], self.today)[self.pupil.pk]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(pupil=self.pupil, back_url=self.back(), **kwargs)


def mark_of(standing: Standing, purpose: str) -> dict[str, str]:
    """How a pupil stands for one purpose, in a word and a colour."""
    if not standing.is_answered:
        return {"kind": "neutral", "word": "No answer"}
    if any(one.live and purpose in one.purposes for one in standing.counted) and any(
        purpose not in one.purposes for one in standing.counted
    ):
        return {"kind": "stop", "word": "They disagree"}
    if all(purpose in one.purposes for one in standing.counted):
        return {"kind": "ok", "word": "Yes"}
    return {"kind": "stop", "word": "No"}


class ListConsentsView(ImagesView):
    """Each form: how many answers there are, and where parents disagree (CON-01)."""

    permission = Permission.CHECK_IMAGES
    template_name = "agreements/consent_forms.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counts = forms_with_answers(self.school, self.today)
        return super().get_context_data(
            counts=counts,
            pupils=sum(one.pupils for one in counts),
            answered=sum(one.answered for one in counts),
            **kwargs,
        )


class FormConsentsView(ImagesView):
    """One form: for each pupil each purpose; those without an answer first."""

    permission = Permission.CHECK_IMAGES
    template_name = "agreements/consent_form.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = get_or_404(forms_of(self.school), pk=self.kwargs["form"])
        standings = standings_in(self.school, form, self.today)
        rows = [
            {
                "pupil": one.pupil,
                "answered": one.is_answered,
                "asked_at": max((each.row.asked_at for each in one.answers), default=None),
                "marks": [{"label": str(purpose.label), **mark_of(one, purpose)} for purpose in PICTURED],
                "name": bool(one.first_name_for),
            }
            for one in standings
        ]
        return super().get_context_data(
            form_group=form,
            purposes=[str(purpose.label) for purpose in PICTURED],
            rows=[row for row in rows if row["answered"]],
            open=[row for row in rows if not row["answered"]],
            **kwargs,
        )


class _PupilFacts(ImagesOfPupilView, abstract=True):
    permission = Permission.CHECK_IMAGES

    def facts(self) -> dict[str, Any]:
        standing = self.standing()
        uses = uses_of_pupil(self.pupil)
        return {
            "standing": standing,
            "purposes": [{"label": str(one.label), **mark_of(standing, one)} for one in ConsentPurpose],
            "uses": uses,
            "published": [one for one in uses if one.state != ImageUseState.PLANNED],
            "withdrawn": any(one.row.state == "withdrawn" for one in standing.answers),
        }


class PupilConsentsView(_PupilFacts):
    """What was said about images of one pupil, by whom, and where images of them are (CON-01, CON-05)."""

    template_name = "agreements/consent_pupil.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        facts = self.facts()
        rows = [one.row for one in facts["standing"].answers]
        kwargs |= facts
        sees = self.may(Permission.VIEW_CONTACTS)
        giver = self.rules.image_consent_giver
        decisions = list(own_decisions_of(self.pupil))
        return super().get_context_data(
            answers=[self._answer(one, sees) for one in facts["standing"].answers],
            events=list(events_of(rows)) if sees else [],
            sees_contacts=sees,
            decisions=decisions,
            may_ask=giver != "parent" and not any(one.state == OwnConsentState.ASKED for one in decisions),
            giver_open=giver == UNSPECIFIED,
            parents_only=giver == "parent",
            paper_form=ConsentPaperForm(),
            **kwargs,
        )

    def _answer(self, one: Answer, sees: bool) -> dict[str, Any]:
        row = one.row
        who = row.giver_name if sees else str(row.get_basis_display())
        said = [str(purpose.label) for purpose in ConsentPurpose if purpose in one.purposes]
        return {"row": row, "live": one.live, "silent": one.silent, "who": who, "said": said}


class ConsentPanelView(_PupilFacts):
    """The panel on the pupil's page, and a page of its own for whoever opens it so."""

    template_name = "agreements/consent_panel.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**self.facts(), **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(template="agreements/_consent_panel.html" if self.is_htmx else None)


class RecordConsentView(SchoolFormView, ImagesOfPupilView):
    """Write down one person's answer: yes or no to each use, by itself (CON-01)."""

    permission = Permission.MANAGE_CONSENTS
    template_name = "agreements/consent_record.html"
    form_class = RecordConsentForm

    def get_form_kwargs(self) -> dict[str, Any]:
        adults = who_may_consent(self.pupil)
        return super().get_form_kwargs() | {"adults": adults, "child": words_for(self.rules).child}

    def form_valid(self, form: BaseForm) -> HttpResponse:
        assert isinstance(form, RecordConsentForm)
        contact = form.contact
        consent_giving.record_consent(
            school=self.school, actor=self.actor, at=self.now, pupil=self.pupil, contact=contact,
            said_by=contact.display_name if contact is not None else self.pupil.display_name, **form.values(),
        )  # fmt: skip
        return self.done("The answer is recorded.", self.back())


class WithdrawConsentView(SchoolFormView, ImagesView):
    """Take consent back, from some uses or all: nothing new from this moment, and the publishers are told (CON-05)."""

    permission = Permission.MANAGE_CONSENTS
    template_name = "agreements/consent_withdraw.html"
    form_class = WithdrawConsentForm

    @property
    def consent(self) -> ImageConsent:
        if not hasattr(self, "_consent"):
            self._consent: ImageConsent = get_or_404(
                consents_visible_to(self.actor, self.school), pk=self.kwargs["consent"]
            )
        return self._consent

    def back(self) -> str:
        pupil = self.consent.pupil_id
        return self.url("pupil-consents", pupil) if pupil is not None else self.url("adult-consents")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"consent": self.consent}

    def get_initial(self) -> dict[str, Any]:
        return {"said_by": self.consent.giver_name}

    def form_valid(self, form: BaseForm) -> HttpResponse:
        assert isinstance(form, WithdrawConsentForm)
        consent_giving.withdraw_consent(
            school=self.school, actor=self.actor, at=self.now, consent=self.consent, **form.values()
        )
        return self.done("Withdrawn. No new use is allowed. Those who take and publish images were told.", self.back())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        pupil = self.consent.pupil
        published = [one for one in uses_of_pupil(pupil) if one.published_at] if pupil is not None else []
        return super().get_context_data(
            consent=self.consent, pupil=pupil, published=published, back_url=self.back(), **kwargs
        )


class AdultConsentsView(ImagesView):
    """What adults said about images of themselves (A-58)."""

    permission = Permission.CHECK_IMAGES
    template_name = "agreements/consent_adults.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = [
            {"row": row, "said": [str(one.label) for one in ConsentPurpose if one in row.purposes]}
            for row in adult_consents(self.school)
        ]
        return super().get_context_data(rows=rows, **kwargs)


class RecordAdultConsentView(SchoolFormView, ImagesView):
    """Write down what an adult answered about images of themselves."""

    permission = Permission.MANAGE_CONSENTS
    template_name = "agreements/consent_record_adult.html"
    form_class = AdultConsentForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"people": staff_of(self.school)}

    def form_valid(self, form: BaseForm) -> HttpResponse:
        assert isinstance(form, AdultConsentForm)
        adult = form.adult
        consent_giving.record_consent(
            school=self.school, actor=self.actor, at=self.now, adult=adult, said_by=adult.full_name, **form.values()
        )
        return self.done("The answer is recorded.", self.url("adult-consents"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(back_url=self.url("adult-consents"), **kwargs)
