"""The app's registration with Django."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """Registers `incidents`."""

    name = "incidents"
    label = "incidents"
    verbose_name = "Concerns and incidents"

    def ready(self) -> None:
        from core.notices.hooks import connect_acknowledged
        from core.people.hooks import connect_beginning
        from devices.hooks import connect_breaches, connect_held, connect_with_police
        from incidents.operations.acknowledging import notice_acknowledged
        from incidents.operations.crime import device_held, device_with_police
        from incidents.operations.debrief import SOURCE, follow_improvement
        from incidents.operations.lists import seed_sub_types
        from incidents.queries.revoking import breaches_openable, find_breach
        from policies.hooks import connect_source

        connect_acknowledged("incidents", notice_acknowledged)
        connect_beginning(seed_sub_types)
        connect_source(SOURCE, follow_improvement)
        connect_held(device_held)
        connect_with_police(device_with_police)
        connect_breaches(find_breach, breaches_openable)
