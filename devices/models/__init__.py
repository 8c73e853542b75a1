"""The tables of devices, storage and custody."""

from devices.models.custody import BringAgreement, CustodyEvent, CustodyRecord, NoDeviceDeclaration
from devices.models.register import DeviceType, PupilDevice
from devices.models.storage import Slot, StoragePlace

__all__ = [
    "BringAgreement",
    "CustodyEvent",
    "CustodyRecord",
    "DeviceType",
    "NoDeviceDeclaration",
    "PupilDevice",
    "Slot",
    "StoragePlace",
]
