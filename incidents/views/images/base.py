"""What the pages about suspected images share: the words of guidance, the devices that can be secured, the case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse

from core.people.models import Pupil, School
from core.people.views.base import SchoolView
from devices.enums import PlacePurpose
from devices.queries import custody_for, desk_devices, device_types
from devices.queries.taken.taking import circumstances_of, taken_places
from incidents import image_guidance
from incidents.forms.images.fields import Choice
from incidents.models import ImageCase
from incidents.queries.images import image_case_of
from incidents.views.leading import LeadFormPage, LeadPage


def guidance(place: str = "") -> dict[str, Any]:
    """The panel of what to do and what never to do, for a place or for all."""
    return {
        "guides": image_guidance.guidance_for(place),
        "never": image_guidance.NEVER,
        "guidance_title": image_guidance.TITLE,
        "for_staff": image_guidance.FOR_STAFF,
        "for_pupils": image_guidance.FOR_PUPILS,
    }


def secure_kwargs(school: School, pupils: Sequence[Pupil], at: datetime) -> dict[str, Any]:
    """What a form needs to offer the devices of `pupils`: those that the school has, and those that can be taken."""
    choices: dict[str, Choice] = {}
    facts: list[Any] = []
    for pupil in pupils:
        stays = list(custody_for(pupil))
        owned = desk_devices(pupil)
        facts += circumstances_of(pupil, owned, at)
        here = {stay.device_id for stay in stays}
        for stay in stays:
            label = f"Yes, the school has it: {stay.device.description}"
            choices[f"stay-{stay.pk}"] = Choice(pupil, _whose(label, pupil, pupils), custody=stay)
        for device in owned:
            if device.pk not in here:
                label = f"Yes, I have taken it: {device.description}"
                choices[f"device-{device.pk}"] = Choice(pupil, _whose(label, pupil, pupils), device=device)
    return {
        "choices": choices,
        "types": list(device_types(school)),
        "places": list(taken_places(school, PlacePurpose.EVIDENCE)),
        "weigh": bool(facts),
    }


def _whose(label: str, pupil: Pupil, pupils: Sequence[Pupil]) -> str:
    return label if len(pupils) == 1 else f"{label} ({pupil.display_name})"


class ImageView(SchoolView, abstract=True):
    """A page about suspected images outside the record itself."""

    def url(self, name: str, *args: Any) -> str:
        return reverse(f"incidents:{name}", args=[self.school.slug, *args])


class ImageCasePage(LeadPage, abstract=True):
    """A page about the case of a suspected image, for whoever leads on the record."""

    @cached_property
    def image(self) -> ImageCase:
        found = image_case_of(self.case)
        if found is None:
            raise Http404
        return found

    @property
    def image_url(self) -> str:
        return self.url("image-case", self.case.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [
            {"label": self.case.reference, "url": self.case_url},
            {"label": "Suspected image", "url": self.image_url},
        ]
        given: dict[str, Any] = {"image": self.image, "breadcrumbs": crumbs, "image_url": self.image_url}
        return super().get_context_data(**given | guidance(self.image.place) | kwargs)


class ImageStepPage(ImageCasePage, LeadFormPage, abstract=True):
    """One form about the case, kept by one operation; it leads back to the case."""

    template_name = "incidents/image_step.html"
    title: str = ""
    lead: str = ""
    said: str = "It is kept."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"title": self.title, "lead": self.lead, "back_url": self.image_url} | kwargs)
