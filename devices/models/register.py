"""The standing register: kinds of device, and each pupil's own devices."""

from __future__ import annotations

from django.db import models

from core.kit.models import Privacy
from core.people.models import Pupil, TrackedModel, new_code
from devices.enums import BringReason, DeviceOwner
from devices.models.storage import Slot


def new_device_code() -> str:
    return new_code("D")


class DeviceType(TrackedModel):
    """A kind of device and what it can do (DEV-01)."""

    key = models.SlugField(max_length=40)
    label = models.CharField(max_length=60)
    communicates = models.BooleanField(default=False)
    goes_online = models.BooleanField(default=False)
    records_sound = models.BooleanField(default=False)
    records_pictures = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=1)
    retired_on = models.DateField(null=True, blank=True)

    privacy = Privacy(data_class="school", keep="while the school uses the service")

    class Meta:
        ordering = ["position", "label"]
        constraints = [models.UniqueConstraint(fields=["school", "key"], name="devices_devicetype_key_unique")]

    def __str__(self) -> str:
        return self.label

    @property
    def is_flagged(self) -> bool:
        """Whether it can communicate, go online, or record."""
        return self.communicates or self.goes_online or self.records_sound or self.records_pictures


class PupilDevice(TrackedModel):
    """A pupil's own device as the desk tells it apart (DEV-34). No content, no unlock code, no picture of a screen."""

    pupil = models.ForeignKey(Pupil, on_delete=models.PROTECT, related_name="devices")
    type = models.ForeignKey(DeviceType, on_delete=models.PROTECT, related_name="+")
    make = models.CharField(max_length=60, blank=True, default="")
    model = models.CharField(max_length=60, blank=True, default="")
    colour = models.CharField(max_length=40, blank=True, default="")
    mark = models.CharField(max_length=120, blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="")
    bring_reason = models.CharField(max_length=20, choices=BringReason.choices, blank=True, default="")
    owner = models.CharField(max_length=8, choices=DeviceOwner.choices, default=DeviceOwner.PUPIL)
    usual_slot = models.ForeignKey(Slot, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=12, default=new_device_code, editable=False)
    retired_on = models.DateField(null=True, blank=True)

    privacy = Privacy(
        data_class="personal",
        keep="1 year after the pupil leaves, longer where a custody record is in dispute",
        scrub={"mark": "blank", "note": "blank", "code": "hash"},
    )

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["school", "code"], name="devices_pupildevice_code_unique")]
        indexes = [models.Index(fields=["school", "pupil"], name="devices_device_by_pupil")]

    def __str__(self) -> str:
        return self.description

    @property
    def description(self) -> str:
        """ "black Samsung phone": needs `type` to have been selected."""
        words = [self.colour, self.make, self.model, self.type.label.lower()]
        return " ".join(word for word in words if word)
