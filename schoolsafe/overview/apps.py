"""The app's registration with Django."""

from django.apps import AppConfig


class OverviewConfig(AppConfig):
    """Registers `overview`."""

    name = "schoolsafe.overview"
    label = "overview"
