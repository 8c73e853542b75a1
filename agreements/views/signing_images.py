"""Answers about images by link, for families without an account: yes or no to each use, check, sent (CON-01, AG-4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from agreements.enums import ConsentPurpose
from agreements.forms.signing import LinkAnswersForm
from agreements.models import ImageConsent, LinkItem
from agreements.operations.consent_links import answer_by_link
from agreements.operations.visits import keep_typed
from agreements.queries.consent_links import offered_to
from agreements.queries.links import about, items_of
from agreements.views.signing import VisitPage
from core.kit.refusals import Refusal


def consent_of(item: LinkItem) -> ImageConsent:
    """What is answered."""
    assert item.consent is not None
    return item.consent


class ImagesPage(VisitPage):
    """A page about images of one child of the visit."""

    def item(self, key: Any) -> LinkItem | None:
        found = super().item(key)
        return found if found is not None and found.consent_id is not None else None


class AnswerItemView(ImagesPage):
    """Each use by itself, with nothing chosen; kept in the visit until it is sent."""

    template_name = "agreements/sign_images.html"

    def get(self, request: HttpRequest, link_item: int) -> HttpResponseBase:
        item = self.item(link_item) if self.opened() else None
        if item is None:
            return self.closed()
        initial = LinkAnswersForm.initial_of(self.visit.typed.get(str(item.pk), {}))
        return self.page(item, LinkAnswersForm(consent=consent_of(item), initial=initial))

    def post(self, request: HttpRequest, link_item: int) -> HttpResponseBase:
        item = self.item(link_item) if self.opened() else None
        if item is None:
            return self.closed()
        form = LinkAnswersForm(request.POST, consent=consent_of(item))
        if not form.is_valid():
            return self.page(item, form, status=422)
        keep_typed(visit=self.visit, item=item, typed=form.typed())
        return self.to("sign-images-check", link_item=item.pk)

    def page(self, item: LinkItem, form: LinkAnswersForm, status: int = 200) -> HttpResponseBase:
        return self.render(item=item, child=about(item), consent=consent_of(item), form=form, status=status)


class CheckAnswersView(ImagesPage):
    """What was answered; sending it records it, once."""

    template_name = "agreements/sign_images_check.html"

    def get(self, request: HttpRequest, link_item: int) -> HttpResponseBase:
        return self.act(link_item, self.page)

    def post(self, request: HttpRequest, link_item: int) -> HttpResponseBase:
        return self.act(link_item, self.send)

    def act(self, key: int, then: Any) -> HttpResponseBase:
        """Do `then` with what was typed; what is sent already is shown as sent."""
        if not self.opened():
            return self.closed()
        if items_of(self.visit.link).filter(pk=key, used_at__isnull=False, consent__isnull=False).exists():
            return self.to("sign-images-sent", link_item=key)
        item = self.item(key)
        if item is None:
            return self.closed()
        typed = self.visit.typed.get(str(item.pk))
        if typed is None:
            return self.to("sign-images", link_item=item.pk)
        answer: HttpResponseBase = then(item, typed)
        return answer

    def send(self, item: LinkItem, typed: dict[str, Any]) -> HttpResponseBase:
        try:
            answer_by_link(
                school=self.school,
                actor=None,
                at=self.now,
                visit=self.visit,
                item=item,
                **typed | {"submission": UUID(typed["submission"])},
            )
        except Refusal as refusal:
            return self.page(item, typed, refused=[refusal.message], status=422)
        return self.to("sign-images-sent", link_item=item.pk)

    def page(
        self, item: LinkItem, typed: dict[str, Any], *, refused: list[str] | None = None, status: int = 200
    ) -> HttpResponseBase:
        consent = consent_of(item)
        said = [(label_of(key, consent), answer) for key, answer in typed["answers"].items()]
        if consent.first_name_for:
            said.append((f"First name, for: {consent.first_name_for}", "yes" if typed["first_name"] else "no"))
        return self.render(item=item, typed=typed, answers=said, refused=refused, status=status, child=about(item))


class AnsweredView(VisitPage):
    """It is recorded, holds at once, and can be changed at any time."""

    template_name = "agreements/sign_images_sent.html"

    def get(self, request: HttpRequest, link_item: int) -> HttpResponseBase:
        item = self.sent(link_item) if self.opened() else None
        if item is None:
            return self.closed()
        consent = consent_of(item)
        agreed = [label_of(one.value, consent) for one in ConsentPurpose if one in consent.purposes]
        denied = len(agreed) < len(offered_to(consent))
        return self.render(consent=consent, agreed=agreed, denied=denied, waiting=self.waiting)

    def sent(self, key: int) -> LinkItem | None:
        """What was sent in this very visit's link."""
        return items_of(self.visit.link).filter(pk=key, used_at__isnull=False, consent__isnull=False).first()


def label_of(purpose: str, consent: ImageConsent) -> str:
    """A use in words; another purpose as the school named it."""
    return consent.other_purpose if purpose == ConsentPurpose.OTHER else str(ConsentPurpose(purpose).label)
