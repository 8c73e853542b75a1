"""A parent or carer signs by a link, without an account: open, read, decide, check, sent (AGR-07, security 5.3)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from agreements.enums import AgreementKind, Decision
from agreements.forms.signing import LinkSignForm
from agreements.languages import ENGLISH, language_of, readable_in
from agreements.marks import path_of
from agreements.models import LinkItem, Signatory, SigningLink, SigningVisit
from agreements.operations import visits
from agreements.operations.new_links import ask_for_link
from agreements.queries.links import (
    about,
    answered_by,
    copy_for,
    items_of,
    link_of,
    link_of_visit,
    open_link,
    open_visit,
    sent_by,
    waiting_on,
)
from agreements.views.public import PublicSchoolView
from agreements.wording import in_language, intention_of, statements_for
from core.kit.refusals import Refusal
from core.people.operations.links import token_hash

_BAD_TRIES = 10
_ASKED_ANEW = 5


def cookie_name() -> str:
    """The name that binds the cookie to this very host, where the connection is safe."""
    return "__Host-signing" if settings.SESSION_COOKIE_SECURE else "signing"


class SigningPage(PublicSchoolView):
    """A page of families: what opens nothing looks alike, whatever the reason."""

    anew_url = ""  # where the closed page asks for a new link: where it stands, if empty

    def closed(self) -> HttpResponseBase:
        """Unknown, used, withdrawn, run out, idle too long: the same page and status, and a way to a new link."""
        return self.render(template="agreements/sign_closed.html", anew_url=self.anew_url, status=404)

    def wait(self) -> HttpResponseBase:
        """Too many tries from one address."""
        return self.render(template="agreements/sign_closed.html", later=True, status=429)

    def ask_anew(self, link: SigningLink | None) -> HttpResponseBase:
        """A new link goes to the address on file, if to anybody: whatever comes of it, the answer is the same."""
        if self.too_often("signing-anew", _ASKED_ANEW):
            return self.wait()
        if link is not None:
            ask_for_link(school=self.school, actor=None, at=self.now, link=link)
        return self.to("sign-asked")

    def to(self, name: str, **kwargs: Any) -> HttpResponseBase:
        """Go on to another page of the visit."""
        return redirect(reverse(f"agreements:{name}", kwargs={"school": self.school.slug, **kwargs}))


class OpenLinkView(SigningPage):
    """The address in the email: swapped for a visit, so that the token stands in no address afterwards. Opening it
    spends nothing. The cookie is Lax, for who comes from a mailbox in the browser; what writes is posted with a token
    of its own."""

    def get(self, request: HttpRequest, token: str) -> HttpResponseBase:
        link = open_link(token_hash(token), self.now)
        if link is None:
            return self.wait() if self.too_often("signing-link", _BAD_TRIES) else self.closed()
        response = self.to("sign-visit")
        response["Referrer-Policy"] = "no-referrer"
        response.set_cookie(
            cookie_name(),
            visits.begin_visit(link=link, at=self.now),
            max_age=int(visits.LONGEST.total_seconds()),
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
            path="/",
        )
        return response

    def post(self, request: HttpRequest, token: str) -> HttpResponseBase:
        """From the closed page, to the address that it stands at: ask for a new link."""
        return self.ask_anew(link_of(token_hash(token)))


class VisitPage(SigningPage):
    """A page inside a visit; without one, or with one of another school, there is nothing."""

    visit: SigningVisit

    @property
    def anew_url(self) -> str:  # type: ignore[override]
        return reverse("agreements:sign-anew", args=[self.school.slug])

    def opened(self) -> bool:
        """Find the visit by the cookie, and keep it for half an hour more."""
        key = self.request.COOKIES.get(cookie_name(), "")
        found = open_visit(token_hash(key), self.now) if key else None
        if found is None:
            return False
        visits.keep_alive(visit=found, at=self.now)
        self.visit = found
        return True

    @property
    def waiting(self) -> list[LinkItem]:
        """What can still be signed in this visit."""
        return waiting_on(self.visit.link, self.today)

    def item(self, key: Any) -> LinkItem | None:
        """What waits under this number in this very visit; anything else is nothing."""
        return next((one for one in self.waiting if str(one.pk) == str(key)), None)


class VisitView(VisitPage):
    """What waits for this person, child by child, and what they answered, which may be changed."""

    template_name = "agreements/sign_visit.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        if not self.opened():
            return self.closed()
        cards = [{"item": item, "child": about(item)} for item in self.waiting]
        return self.render(cards=cards, may_change=bool(answered_by(self.visit.link)))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        item = self.item(request.POST.get("item", "")) if self.opened() else None
        if item is None:
            return self.closed()
        visits.open_by_link(school=self.school, actor=None, at=self.now, item=item)
        return self.to("sign-item" if item.signatory_id is not None else "sign-images", link_item=item.pk)


class AskAnewView(VisitPage):
    """Ask for a new link from inside a visit, over or not, or from nowhere."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponseBase:
        key = request.COOKIES.get(cookie_name(), "")
        return self.ask_anew(link_of_visit(token_hash(key)) if key else None)


class AskedView(SigningPage):
    """A new link was asked for: one page, whatever came of it."""

    template_name = "agreements/sign_asked.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.render()


class NotMyChildView(VisitPage):
    """Asked once more before the link is stopped; then nothing of the child is shown again."""

    template_name = "agreements/sign_not_mine.html"

    def get(self, request: HttpRequest, link_item: int) -> HttpResponseBase:
        item = self.item(link_item) if self.opened() else None
        return self.closed() if item is None else self.render(item=item, child=about(item))

    def post(self, request: HttpRequest, link_item: int) -> HttpResponseBase:
        item = self.item(link_item) if self.opened() else None
        if item is None:
            return self.closed()
        visits.say_not_my_child(school=self.school, actor=None, at=self.now, item=item)
        response = self.to("sign-stopped")
        response.delete_cookie(cookie_name(), path="/", samesite="Lax")
        return response


class StoppedView(SigningPage):
    """The link is stopped and the office knows."""

    template_name = "agreements/sign_stopped.html"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.render()


class SignPage(VisitPage):
    """A page about one agreement of the visit."""

    def item(self, key: Any) -> LinkItem | None:
        found = super().item(key)
        return found if found is not None and found.signatory_id is not None else None


def signatory_of(item: LinkItem) -> Signatory:
    """Who is asked to sign."""
    assert item.signatory is not None
    return item.signatory


class ReadItemView(SignPage):
    """One agreement: short points, whole text, and the decision, kept in the visit until it is sent."""

    template_name = "agreements/sign_read.html"

    def get(self, request: HttpRequest, link_item: int) -> HttpResponseBase:
        item = self.item(link_item) if self.opened() else None
        if item is None:
            return self.closed()
        return self.page(item, self.form(item))

    def post(self, request: HttpRequest, link_item: int) -> HttpResponseBase:
        item = self.item(link_item) if self.opened() else None
        if item is None:
            return self.closed()
        form = self.form(item, request.POST)
        if not form.is_valid():
            return self.page(item, form, status=422)
        typed = form.typed() | {"language": self.language(item)}
        visits.keep_typed(visit=self.visit, item=item, typed=typed)
        return self.to("sign-check", link_item=item.pk)

    def language(self, item: LinkItem) -> str:
        """The language that the text is read in; English unless chosen and there."""
        asked = self.request.GET.get("language", ENGLISH)
        return str(in_language(signatory_of(item).agreement.wording, asked)["language"])

    def form(self, item: LinkItem, data: Any = None) -> LinkSignForm:
        row = signatory_of(item)
        initial = LinkSignForm.initial_of(self.visit.typed.get(str(item.pk), {}))
        return LinkSignForm(data, initial=initial, wording=row.agreement.wording, capacity=row.capacity)

    def page(self, item: LinkItem, form: LinkSignForm, status: int = 200) -> HttpResponseBase:
        agreement, language = signatory_of(item).agreement, self.language(item)
        return self.render(
            item=item,
            agreement=agreement,
            wording=agreement.wording | in_language(agreement.wording, language),
            language=language_of(language),
            languages=readable_in(agreement.wording["translations"]),
            intention=intention_of(signatory_of(item).capacity),
            form=form,
            status=status,
        )


class CheckItemView(SignPage):
    """What was answered; sending it signs, once."""

    template_name = "agreements/sign_check.html"

    def get(self, request: HttpRequest, link_item: int) -> HttpResponseBase:
        return self.act(link_item, self.page)

    def post(self, request: HttpRequest, link_item: int) -> HttpResponseBase:
        return self.act(link_item, self.send)

    def act(self, key: int, then: Any) -> HttpResponseBase:
        """Do `then` with what was typed; what is sent already is shown as sent."""
        if not self.opened():
            return self.closed()
        if items_of(self.visit.link).filter(pk=key, used_at__isnull=False).exists():
            return self.to("sign-sent", link_item=key)
        item = self.item(key)
        if item is None:
            return self.closed()
        typed = self.visit.typed.get(str(item.pk))
        if typed is None:
            return self.to("sign-item", link_item=item.pk)
        answer: HttpResponseBase = then(item, typed)
        return answer

    def send(self, item: LinkItem, typed: dict[str, Any]) -> HttpResponseBase:
        try:
            visits.sign_by_link(
                school=self.school,
                at=self.now,
                visit=self.visit,
                item=item,
                values=typed | {"submission": UUID(typed["submission"])},
                ip=self.address,
                device=self.request.headers.get("User-Agent", ""),
            )
        except Refusal as refusal:
            return self.page(item, typed, refused=[refusal.message], status=422)
        return self.to("sign-sent", link_item=item.pk)

    def page(
        self, item: LinkItem, typed: dict[str, Any], *, refused: list[str] | None = None, status: int = 200
    ) -> HttpResponseBase:
        row = signatory_of(item)
        wording = row.agreement.wording
        said = {one["key"]: one["text"] for one in statements_for(wording, row.capacity)}
        agrees = typed["decision"] == Decision.AGREES
        return self.render(
            item=item,
            agreement=row.agreement,
            typed=typed,
            mark=path_of(typed.get("mark", ())),
            language=language_of(typed.get("language", ENGLISH)),
            decision="I agree" if agrees else "I do not agree, please call me",
            statements=[said[key] for key in typed["ticked"]],
            choices=[(one["label"], typed["choices"].get(one["key"]) or "no answer") for one in wording["purposes"]],
            intention=intention_of(row.capacity),
            refused=refused,
            change_url=self.change_url(item, typed),
            status=status,
        )

    def change_url(self, item: LinkItem, typed: dict[str, Any]) -> str:
        """Back to the text, in the language in which it was read."""
        url = reverse("agreements:sign-item", kwargs={"school": self.school.slug, "link_item": item.pk})
        language = typed.get("language", ENGLISH)
        return url if language == ENGLISH else f"{url}?language={language}"


class SentItemView(VisitPage):
    """It is sent: reference, time, what happens next."""

    template_name = "agreements/sign_sent.html"

    def get(self, request: HttpRequest, link_item: int) -> HttpResponseBase:
        if not self.opened():
            return self.closed()
        signature = sent_by(self.visit.link, link_item)
        if signature is None:
            return self.closed()
        return self.render(
            signature=signature,
            item=link_item,
            agreement=signature.agreement,
            waiting=self.waiting,
            copy=copy_for(signature),
            may_change=signature.agreement.kind == AgreementKind.IMAGE_CONSENT,
        )
