"""Django's registration of people."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "core.people"
    label = "people"
    verbose_name = "People"
