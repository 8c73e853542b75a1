"""The app's registration with Django."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Registers `notices`."""

    name = "core.notices"
    label = "notices"
