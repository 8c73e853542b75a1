"""The app's registration with Django."""

from django.apps import AppConfig


class DevicesConfig(AppConfig):
    """Registers `devices`."""

    name = "devices"
    label = "devices"
