"""The forms that change rules: a rule's own shape becomes radios, checkboxes or a box."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms

from core.kit.forms import LineField, SubmissionForm, TextField
from core.kit.refusals import Refusal
from core.rules.catalogue import Kind, Setting, ThresholdTool, as_json, read_value
from core.rules.presets import all_presets

_OWN_LABEL = "In the school’s own words, one on each line"
_REASON_HELP = "Kept with the rule, with your name and the date. For example: agreed by the governors on 12 May."


class _DatedForm(SubmissionForm):
    """What every change of rules asks: from when, and why."""

    effective_from = forms.DateField(
        label="From which day?", help_text="Today or later. A change for a later day is announced to all staff first."
    )
    reason = TextField(label="Why?", rows=3, max_length=500, help_text=_REASON_HELP)

    def __init__(self, *args: Any, earliest: date | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.earliest = earliest
        self.fields["effective_from"].error_messages["required"] = "Enter the day from which it applies"
        self.fields["reason"].error_messages["required"] = "Enter why this is changed"

    def clean_effective_from(self) -> date:
        day: date = self.cleaned_data["effective_from"]
        if self.earliest is not None and day < self.earliest:
            raise forms.ValidationError("The date must be today or later")
        return day


class _OneOfSeveral:
    """A field of which, together with its neighbours, something is needed: the form's `clean` judges them as one."""

    def validate(self, value: Any) -> None:
        """Nothing is wrong with an empty field alone."""


class _Ticks(_OneOfSeveral, forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple


class _Radios(_OneOfSeveral, forms.ChoiceField):
    widget = forms.RadioSelect


class _Lines(_OneOfSeveral, TextField):
    pass


class _Line(_OneOfSeveral, LineField):
    pass


class _Number(_OneOfSeveral, forms.IntegerField):
    pass


class ChangeRuleForm(_DatedForm):
    """One rule: its allowed values, the day and the reason. `cleaned_data["value"]` is the typed value."""

    submit_label = "Continue"

    def __init__(self, *args: Any, setting: Setting, current: Any, **kwargs: Any) -> None:
        self.setting = setting
        super().__init__(*args, **kwargs)
        self.main_field = "value"
        self.use_required_attribute = False  # of several fields one is needed, which the browser cannot know
        self.fields = {**self._value_fields(current), **self.fields}

    def _value_fields(self, current: Any) -> dict[str, forms.Field]:
        setting = self.setting
        if setting.kind == Kind.CHOICE:
            choices = {**setting.values, **setting.specials}
            return {"value": _Radios(label=setting.label, choices=list(choices.items()), initial=current)}
        if setting.is_several and setting.values:
            return self._ticks(current)
        is_special = isinstance(current, str) and current in self.specials
        made = self._boxes(None if is_special else current)
        self.main_field = next(iter(made))
        made["special"] = _Radios(
            label="Or choose",
            choices=[("", "As entered above"), *self.specials.items()],
            initial=current if is_special else "",
        )
        return made

    @property
    def specials(self) -> dict[str, str]:
        """What may be chosen in place of something entered: the rule's named values, and not settled."""
        named = {} if self.setting.is_several else dict(self.setting.values)
        return {**named, **self.setting.specials}

    def _boxes(self, current: Any) -> dict[str, forms.Field]:
        """The box for a list, a text, a number or a date, or the two for levels of need; None leaves it empty."""
        setting = self.setting
        span = {"min": setting.smallest, "max": setting.largest}
        if setting.kind == Kind.LIST:
            lines = _Lines(label=setting.label, rows=5, initial="\n".join(current or []))
            lines.help_text = "Write one on each line, in order."
            return {"own": lines}
        if setting.kind == Kind.TEXT:
            return {"text": _Line(label=setting.label, max_length=200, initial=current)}
        if setting.kind == Kind.NUMBER:
            label = f"{setting.label.removesuffix('?')}, in {setting.unit}?"
            return {"number": _Number(label=label, initial=current, widget=forms.NumberInput(attrs=span))}
        if setting.kind == Kind.DATE:
            day = _Line(label=setting.label, initial=as_json(current))
            day.help_text = "For example 1 July 2026, or July 2026 when only the month is known."
            return {"day": day}
        tool = current if isinstance(current, ThresholdTool) else None
        return {
            "levels": _Number(
                label="How many levels?", initial=tool.levels if tool else None, widget=forms.NumberInput(attrs=span)
            ),
            "tool": _Line(label="Which tool defines them?", max_length=200, initial=tool.tool if tool else ""),
        }

    def _ticks(self, current: Any) -> dict[str, forms.Field]:
        setting = self.setting
        if isinstance(current, str):
            chosen, own = [current], []
        else:
            items = setting.in_order(current)
            chosen = [item for item in items if item in setting.values] or ([] if items else ["none"])
            own = [item for item in items if item not in setting.values]
        made: dict[str, forms.Field] = {
            "value": _Ticks(
                label=setting.label,
                choices=list({**setting.values, **setting.specials}.items()),
                initial=chosen,
                help_text="Tick all that apply. “Not settled” stands alone.",
            )
        }
        if setting.own_words:
            made["own"] = TextField(label=_OWN_LABEL, rows=3, required=False, initial="\n".join(own))
        return made

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if any(name in self.errors for name in ("value", "own", "text", "number", "day", "levels", "tool", "special")):
            return data
        try:
            data["value"] = read_value(self.setting.key, self._raw(data))
        except ValueError as error:
            self.add_error(self.main_field, str(error))
        return data

    def _raw(self, data: dict[str, Any]) -> Any:
        """What was answered, as the catalogue reads it; raises ValueError when two answers exclude each other."""
        setting = self.setting
        if setting.kind == Kind.CHOICE:
            return data.get("value")
        own = [line.strip() for line in data.get("own", "").splitlines() if line.strip()]
        if setting.is_several and setting.values:
            ticked = data.get("value", [])
            alone = [item for item in ticked if item in setting.specials]
            if alone and (len(ticked) > 1 or own):
                raise ValueError(f"“{setting.specials[alone[0]]}” stands alone. Choose it or the others")
            if alone:
                return [] if alone[0] == "none" else alone[0]
            return [*sorted(ticked, key=[*setting.values, *ticked].index), *own]
        entered: Any = own or None
        for name in ("text", "day", "number", "levels", "tool"):
            if data.get(name) not in (None, ""):
                entered = data[name]
        special = data.get("special")
        if special:
            if special not in self.specials:
                return None
            if entered is not None:
                raise ValueError(f"Something is entered and “{self.specials[special]}” is chosen. Keep one of them")
            return special
        if setting.kind == Kind.THRESHOLD:
            return {"levels": data.get("levels"), "tool": data.get("tool")}
        return _day(str(entered)) if setting.kind == Kind.DATE and entered else entered

    def add_refusal(self, refusal: Refusal) -> None:
        """A refusal about the value goes to the field in which the value was given."""
        if refusal.field == "value":
            refusal.field = self.main_field
        super().add_refusal(refusal)


def _day(text: str) -> str:
    """`1 July 2026` and `July 2026` as the catalogue writes them; anything else as it was typed."""
    for form, kept in (("%d %B %Y", "%Y-%m-%d"), ("%d/%m/%Y", "%Y-%m-%d"), ("%B %Y", "%Y-%m")):
        try:
            return datetime.strptime(text, form).strftime(kept)  # noqa: DTZ007  a date, without a time or a zone
        except ValueError:
            continue
    return text


class ChoosePresetForm(_DatedForm):
    """Which of the five presets, from when, and why."""

    submit_label = "Continue"

    preset = forms.ChoiceField(
        label="Which set of rules comes closest to your policy?",
        widget=forms.RadioSelect,
        help_text="Choose one to start from. Each rule can be changed afterwards.",
        error_messages={"required": "Choose one of the presets"},
    )

    field_order = ("submission", "preset", "effective_from", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("preset", ((preset.slug, preset.name) for preset in all_presets().values()))
        self.fields["reason"].error_messages["required"] = "Enter why these rules are taken"
        if self.earliest is None:
            self.fields[
                "effective_from"
            ].help_text = (
                "The first rules of a school may start on an earlier day, so that what is already on record is judged."
            )


class WithdrawChangeForm(SubmissionForm):
    """Why a change that is not in force yet is taken back."""

    submit_label = "Withdraw this change"

    reason = TextField(
        label="Why is it withdrawn?",
        rows=3,
        max_length=500,
        help_text=_REASON_HELP,
        error_messages={"required": "Enter why it is withdrawn"},
    )
