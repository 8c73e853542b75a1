"""Messages for pupils: those that wait, taking one, and marking it as delivered (DEV-27)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase

from core.kit.forms import BaseForm
from core.kit.times import waited
from core.people.roles import Permission
from core.people.views.base import SchoolFormView, get_or_404
from devices import operations
from devices.forms.office import DeliverMessageForm, TakeMessageForm
from devices.models import OfficeMessage
from devices.operations import AskDslFirst
from devices.queries import delivered_on, is_overdue, messages_visible_to, undelivered
from devices.views.calls import AboutPupilView
from devices.views.office import FindThenView, OfficeView

_MOST_SHOWN = 200


class MessagesView(FindThenView):
    """What has not reached its pupil, urgent first; then what was delivered today."""

    permission = Permission.VIEW_PUPIL_DETAIL
    template_name = "devices/messages.html"
    leads_to = "take-message"
    tab = "messages"

    def page_context(self) -> dict[str, Any]:
        seen = messages_visible_to(self.actor, self.school, today=self.today)
        waiting = list(undelivered(seen)[:_MOST_SHOWN])
        return {
            "waiting": [
                {
                    "message": message,
                    "age": waited(message.taken_at, self.now),
                    "overdue": is_overdue(message, self.now),
                    "ask_dsl": message.contact is not None and not message.contact.may_collect,
                }
                for message in waiting
            ],
            "delivered": list(delivered_on(seen, self.today)[:_MOST_SHOWN]),
            "may_take": self.may(Permission.LOG_CUSTODY),
        }


class TakeMessageView(AboutPupilView):
    """Keep a message for a pupil. What an adult who may not collect says waits for the DSL."""

    form_class = TakeMessageForm
    template_name = "devices/take_message.html"
    tab = "messages"
    asks_dsl = False

    def get_form_kwargs(self) -> dict[str, Any]:
        asks = self.asks_dsl or bool(self.request.POST.get("ask_dsl"))
        return super().get_form_kwargs() | {"child": self.child, "asks_dsl": asks}

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        given = dict(form.cleaned_data)
        try:
            operations.take_message(
                school=self.school, actor=self.actor, at=self.now, pupil=self.pupil,
                from_name=given.pop("name"), **given,
            )  # fmt: skip
        except AskDslFirst as refusal:
            self.asks_dsl = True
            again = self.get_form()
            again.is_valid()
            again.add_refusal(refusal)
            return self.form_invalid(again)
        return self.done("The message is kept. It is listed until it has reached them.", self.url("messages"))


class DeliverMessageView(SchoolFormView, OfficeView):
    """Say how a message reached its pupil. The list sends the commonest answer by itself."""

    permission = Permission.VIEW_PUPIL_DETAIL
    form_class = DeliverMessageForm
    template_name = "devices/deliver_message.html"
    tab = "messages"

    @property
    def message(self) -> OfficeMessage:
        if not hasattr(self, "_message"):
            seen = messages_visible_to(self.actor, self.school, today=self.today)
            self._message: OfficeMessage = get_or_404(seen, pk=self.kwargs["message"])
        return self._message

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            message=self.message,
            age=waited(self.message.taken_at, self.now),
            back_url=self.url("messages"),
            **kwargs,
        )

    def form_valid(self, form: BaseForm) -> HttpResponseBase:
        operations.deliver_message(
            school=self.school, actor=self.actor, at=self.now, message=self.message, **form.cleaned_data
        )
        return self.done("Marked as delivered.", self.url("messages"))
