"""The app's registration with Django."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Registers `core.approvals`."""

    name = "core.approvals"
    label = "approvals"
    verbose_name = "Approvals"
