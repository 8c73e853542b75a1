"""The app's registration with Django."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    """Registers `rules`, and tells `core.people`, which stands below, where to ask for a school's rules."""

    name = "core.rules"
    label = "rules"
    verbose_name = "Rules"

    def ready(self) -> None:
        from core.people.hooks import PresetChoice, connect_presets, connect_rules, connect_words
        from core.rules.operations import adopt_preset
        from core.rules.presets import all_presets
        from core.rules.queries import for_school
        from core.rules.words import words_for

        connect_rules(for_school)
        connect_words(words_for)
        connect_presets(
            lambda: [PresetChoice(found.slug, found.name, found.summary) for found in all_presets().values()],
            adopt_preset,
        )
