"""The app's registration with Django."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Registers `notices`, and tells `core.people`, which stands below, where to leave an email to be sent."""

    name = "core.notices"
    label = "notices"
    verbose_name = "Notices"

    def ready(self) -> None:
        from core.notices.operations import queue_account_email
        from core.people.hooks import connect_mailer

        connect_mailer(queue_account_email)
