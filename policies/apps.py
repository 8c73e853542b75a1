"""The app's registration with Django."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """Registers `policies`."""

    name = "policies"
    label = "policies"
    verbose_name = "Policies"
