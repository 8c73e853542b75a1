"""The app's registration with Django."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    """Registers `rules`."""

    name = "core.rules"
    label = "rules"
