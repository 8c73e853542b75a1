"""Django's registration of the kit."""

from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "core.kit"
    label = "kit"
    verbose_name = "Kit"
