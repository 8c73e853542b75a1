"""The tables of devices, storage and custody."""

from devices.models.custody import BringAgreement, CustodyEvent, CustodyRecord, NoDeviceDeclaration
from devices.models.day import ChaseList, DayClose, DayMark, OfflineScan, OvernightDecision, ParkedDevice
from devices.models.gates import DeskSettings, Gate
from devices.models.office import LossReport, OfficeMessage, PrintJob, SchoolPhoneCall
from devices.models.register import DeviceType, PupilDevice
from devices.models.storage import Slot, StoragePlace

__all__ = [
    "BringAgreement",
    "ChaseList",
    "CustodyEvent",
    "CustodyRecord",
    "DayClose",
    "DayMark",
    "DeskSettings",
    "DeviceType",
    "Gate",
    "LossReport",
    "NoDeviceDeclaration",
    "OfficeMessage",
    "OfflineScan",
    "OvernightDecision",
    "ParkedDevice",
    "PrintJob",
    "PupilDevice",
    "SchoolPhoneCall",
    "Slot",
    "StoragePlace",
]
