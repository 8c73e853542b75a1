"""Signing at school: on the school's device with a witness, on paper seen by staff, with one's own account (AGR-07)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404, HttpResponseBase

from agreements.enums import Capacity, Decision, SignMode
from agreements.forms.issued import PaperForm, SignForm
from agreements.languages import ENGLISH, Language, language_of, readable_in
from agreements.models import Signatory
from agreements.operations.signing import sign
from agreements.queries.issued import may_sign, signatories_visible_to, to_sign_by
from agreements.views.public import address_of
from agreements.wording import in_language, intention_of
from core.kit.forms import BaseForm
from core.people.roles import Permission
from core.people.views.base import get_or_404
from core.people.views.pages import FormPage


class SigningPage(FormPage, abstract=True):
    """One person, one agreement: what is read, what is ticked, yes or no, the full name."""

    permission = Permission.MANAGE_AGREEMENTS
    form_class = SignForm
    template_name = "agreements/issued_sign.html"
    mode: ClassVar[SignMode]
    known_by: ClassVar[str] = ""

    @property
    def signatory(self) -> Signatory:
        if not hasattr(self, "_signatory"):
            visible = signatories_visible_to(self.actor, self.school, self.today)
            self._signatory: Signatory = get_or_404(visible, pk=self.kwargs["signatory"])
        return self._signatory

    def cancel_url(self) -> str:
        return self.link("agreements:agreement", agreement=self.signatory.agreement_id)

    def crumbs(self) -> list[dict[str, str]]:
        return [{"label": self.signatory.agreement.reference, "url": self.cancel_url()}]

    @property
    def language(self) -> Language:
        """The language in which the text is shown, and which is kept with the signature; English unless chosen."""
        asked = self.request.GET.get("language", ENGLISH)
        return language_of(in_language(self.signatory.agreement.wording, asked)["language"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "wording": self.signatory.agreement.wording,
            "capacity": self.signatory.capacity,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, wording = self.signatory, self.signatory.agreement.wording
        return super().get_context_data(
            row=row,
            agreement=row.agreement,
            wording=wording | in_language(wording, self.language.code),
            language=self.language,
            languages=readable_in(wording["translations"]),
            capacity=str(Capacity(row.capacity).label),
            intention=intention_of(row.capacity),
            is_pupil=row.capacity == Capacity.PUPIL,
            witness=self.actor if self.mode in (SignMode.DESK, SignMode.PAPER) else None,
            on_paper=self.mode == SignMode.PAPER,
            **kwargs,
        )

    def authentication(self) -> str:
        """How the person is known, for the page of evidence (law AG-2)."""
        return self.known_by

    def after(self) -> str:
        """Where the page goes on to."""
        return self.cancel_url()

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        assert isinstance(form, SignForm)
        signature = sign(
            school=self.school,
            actor=self.actor,
            at=self.now,
            signatory=self.signatory,
            mode=self.mode,
            authentication=self.authentication(),
            device=self.request.headers.get("User-Agent", ""),
            ip=address_of(self.request),
            language=self.language.code,
            **form.values(),
        )
        said = "It is signed." if signature.decision == Decision.AGREES else "That they do not agree is on record."
        return self.done(said, self.after())


class SignAtSchoolView(SigningPage):
    """A pupil, a parent or carer signs on the school's device; who is signed in is the witness, by name."""

    mode = SignMode.DESK
    known_by = "In person at school, on the school’s device, before the witness"

    def get_title(self) -> str:
        return f"Sign: {self.signatory.agreement.title}"

    @property
    def signatory(self) -> Signatory:
        row = super().signatory
        if row.capacity not in (Capacity.PUPIL, Capacity.PARENT):
            raise Http404  # staff sign with their own accounts, or on paper
        return row


class SignOnPaperView(SigningPage):
    """Somebody signed on paper; who is signed in has seen it, and says which day stands there."""

    mode = SignMode.PAPER
    form_class = PaperForm
    known_by = "Signed on paper, seen by the witness"

    def get_title(self) -> str:
        return f"Record a signature on paper: {self.signatory.agreement.title}"

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.signatory.name}


class SignOwnView(SigningPage):
    """The head, a form tutor or a member of staff signs with their own account."""

    permission = Permission.SIGN_OWN
    mode = SignMode.ACCOUNT

    @property
    def signatory(self) -> Signatory:
        row = super().signatory
        if not may_sign(self.actor, row, self.today):
            raise Http404
        return row

    def get_title(self) -> str:
        return f"Sign: {self.signatory.agreement.title}"

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.actor.full_name}

    def authentication(self) -> str:
        return "Signed in with their own account"

    def after(self) -> str:
        """On to the next that waits for them, or back to the list."""
        rest = to_sign_by(self.actor, self.school, self.today)
        return self.link("agreements:sign-own", signatory=rest[0].pk) if rest else self.link("agreements:to-sign")
