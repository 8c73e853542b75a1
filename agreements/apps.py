"""The app's registration with Django."""

from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    """Registers `agreements`."""

    name = "agreements"
    label = "agreements"
    verbose_name = "Agreements"
