"""Django's registration of devices."""

from django.apps import AppConfig


class DevicesConfig(AppConfig):
    name = "devices"
    verbose_name = "Devices"

    def ready(self) -> None:
        from core.people.hooks import connect_beginning, connect_set_up_task
        from devices.features import connect_features
        from devices.operations.searches import seed_prohibited
        from devices.queries.set_up import first_hand_in_state, storage_state

        connect_set_up_task("storage", storage_state)
        connect_set_up_task("first-hand-in", first_hand_in_state)
        connect_beginning(seed_prohibited)
        connect_features()
