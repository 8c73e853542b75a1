"""The app's registration with Django."""

from django.apps import AppConfig


class RollConfig(AppConfig):
    """Registers `roll`."""

    name = "core.roll"
    label = "roll"
