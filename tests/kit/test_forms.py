"""What every form has from its base."""

from __future__ import annotations

import pytest
from django import forms

from core.kit.forms import BaseForm


class _PlaceForm(BaseForm):
    place = forms.ChoiceField(label="Place")
    note = forms.CharField(label="Note", required=False)


def test_offer_gives_the_field_and_its_box_the_same_choices() -> None:
    form = _PlaceForm({"place": "2"})
    form.offer("place", ((key, f"Cupboard {key}") for key in ("1", "2")))
    assert form.is_valid()
    assert '<option value="2" selected>Cupboard 2</option>' in str(form["place"])
    other = _PlaceForm({"place": "3"})
    other.offer("place", [("1", "Cupboard 1")])
    assert other.errors["place"] == ["Select a valid choice. 3 is not one of the available choices."]


def test_offer_to_a_field_without_choices_is_a_mistake_in_the_code() -> None:
    with pytest.raises(AssertionError):
        _PlaceForm().offer("note", [("1", "One")])
