"""The app's registration with Django."""

from django.apps import AppConfig


class VisitorsConfig(AppConfig):
    """Registers `visitors`."""

    name = "visitors"
    label = "visitors"
    verbose_name = "Visitors"
