"""The app's registration with Django."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Registers `demo`."""

    name = "schoolsafe.demo"
    label = "demo"
