"""Django's registration of the bare limit."""

from django.apps import AppConfig


class BareConfig(AppConfig):
    name = "bare"
    label = "bare"
