"""Pages of one's own inbox. Another person's notice is a 404, as if it were not there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from core.kit.forms import BaseForm
from core.notices import operations, queries
from core.notices.forms import ActForm, PreferencesForm
from core.notices.models import Notice
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, SchoolView, get_or_404


class InboxView(SchoolFormView, abstract=True):
    """What the pages of an inbox share: a form that is only a button, and a notice that is one's own."""

    permission = Permission.VIEW_INBOX
    form_class = ActForm

    def inbox_url(self) -> str:
        return reverse("notices:inbox", args=[self.school.slug])

    def notice(self) -> Notice:
        return get_or_404(queries.notices_of(self.actor, self.school), pk=self.kwargs["notice"])


class ShowInboxView(InboxView):
    """What waits for me, urgent first; POST marks all that is not urgent as read."""

    template_name = "notices/show_inbox.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        show_all = self.request.GET.get("show") == "all"
        before = self.request.GET.get("before", "")
        inbox = queries.inbox_for(
            self.actor,
            self.school,
            unread_only=not show_all,
            before=int(before) if before.isdecimal() and len(before) < 18 else 0,
        )
        url = self.inbox_url()
        return super().get_context_data(
            inbox=inbox,
            show_all=show_all,
            worker_is_silent=queries.worker_is_silent(self.now),
            tabs=[
                {"label": "Unread", "url": url, "current": not show_all},
                {"label": "All", "url": f"{url}?show=all", "current": show_all},
            ],
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponse:
        operations.mark_read(
            school=self.school, actor=self.actor, at=self.now, submission=form.cleaned_data["submission"]
        )
        return self.done("Marked as read. Urgent notices stay until somebody acknowledges them.", self.inbox_url())


class ShowNoticeView(InboxView):
    """One notice; POST marks it as read, so that a link followed by a machine changes nothing."""

    template_name = "notices/show_notice.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [{"label": "Inbox", "url": self.inbox_url()}, {"label": "Notice"}]
        return super().get_context_data(notice=self.notice(), breadcrumbs=crumbs, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponse:
        operations.mark_read(
            school=self.school,
            actor=self.actor,
            at=self.now,
            notice=self.notice(),
            submission=form.cleaned_data["submission"],
        )
        return self.done("Marked as read.", self.inbox_url())


class AcknowledgeNoticeView(InboxView):
    """Take an urgent notice on, for everybody who got it."""

    http_method_names = ["post"]
    template_name = "notices/show_notice.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(notice=self.notice(), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponse:
        notice = operations.acknowledge_notice(
            school=self.school,
            actor=self.actor,
            at=self.now,
            notice=self.notice(),
            submission=form.cleaned_data["submission"],
        )
        mine = notice.acknowledged_by_id == self.actor.pk
        said = "Acknowledged by you. It goes no further." if mine else "Somebody else had acknowledged it before you."
        return self.done(said, reverse("notices:notice", args=[self.school.slug, notice.pk]))


class SetPreferencesView(SchoolFormView):
    """How what is not urgent comes by email."""

    permission = Permission.VIEW_INBOX
    form_class = PreferencesForm
    template_name = "notices/set_preferences.html"

    def get_initial(self) -> dict[str, Any]:
        return {"delivery": queries.delivery_for(self.actor, self.school)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        inbox = reverse("notices:inbox", args=[self.school.slug])
        crumbs = [{"label": "Inbox", "url": inbox}, {"label": "Emails to you"}]
        return super().get_context_data(breadcrumbs=crumbs, inbox_page=inbox, **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponse:
        operations.set_preferences(
            school=self.school,
            actor=self.actor,
            at=self.now,
            delivery=form.cleaned_data["delivery"],
            submission=form.cleaned_data["submission"],
        )
        return self.done("Saved.", reverse("notices:inbox", args=[self.school.slug]))


class CountUnreadView(SchoolView):
    """The number beside "Inbox", asked again each minute by the page itself."""

    permission = Permission.VIEW_INBOX
    template_name = "components/inbox_count.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.render(inbox_count=queries.unread_count(self.actor, self.school))


class CheckEmailView(SchoolFormView):
    """Whether worker and mailer are well, and what waits; POST tries given-up emails again."""

    permission = Permission.MANAGE_SCHOOL
    form_class = ActForm
    template_name = "notices/check_email.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(state=queries.service_state(self.school, self.now), **kwargs)

    def form_valid(self, form: BaseForm) -> HttpResponse:
        count = operations.try_dead_again(
            school=self.school, actor=self.actor, at=self.now, submission=form.cleaned_data["submission"]
        )
        said = f"{count} email{'' if count == 1 else 's'} in line again." if count else "No email was given up."
        return self.done(said, reverse("notices:email", args=[self.school.slug]))
