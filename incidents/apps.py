"""The app's registration with Django."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Registers `incidents`."""

    name = "incidents"
    label = "incidents"
    verbose_name = "Concerns and incidents"
