"""The tables of devices, storage and custody."""

from devices.models.assets import AssetIssue, ImageSet, ImageSetPupil, RemoteTeaching, SchoolAsset, WorkContact
from devices.models.custody import CustodyEvent, CustodyRecord, NoDeviceDeclaration
from devices.models.day import ChaseList, DayClose, DayMark, OfflineScan, OvernightDecision, ParkedDevice
from devices.models.evidence import EvidenceHold, PoliceHandover
from devices.models.force import PoliceSearch, ScreeningSession, UseOfForce
from devices.models.gates import DeskSettings, Gate
from devices.models.office import LossReport, OfficeMessage, PrintJob, SchoolPhoneCall
from devices.models.papers import DocumentWording, IssuedDocument, ParentNotice
from devices.models.permissions import (
    BringAgreement,
    ContactRoute,
    CurriculumPupil,
    CurriculumUse,
    ExceptionalUse,
    PrivilegeRevocation,
    RemoteTeachingException,
    StaffContact,
    StaffLessonUse,
)
from devices.models.register import DeviceType, PupilDevice
from devices.models.searches import (
    DeletionRecord,
    ProhibitedItem,
    SearchConsent,
    SearcherAuthorisation,
    SearchEvent,
    SearchFinding,
    SearchRecord,
)
from devices.models.storage import Slot, StoragePlace
from devices.models.taking import Confiscation, Escalation, Release, ReleaseDecision, ReleaseRefusal

__all__ = [
    "AssetIssue",
    "BringAgreement",
    "ChaseList",
    "Confiscation",
    "ContactRoute",
    "CurriculumPupil",
    "CurriculumUse",
    "CustodyEvent",
    "CustodyRecord",
    "DayClose",
    "DayMark",
    "DeletionRecord",
    "DeskSettings",
    "DeviceType",
    "DocumentWording",
    "Escalation",
    "EvidenceHold",
    "ExceptionalUse",
    "Gate",
    "ImageSet",
    "ImageSetPupil",
    "IssuedDocument",
    "LossReport",
    "NoDeviceDeclaration",
    "OfficeMessage",
    "OfflineScan",
    "OvernightDecision",
    "ParentNotice",
    "ParkedDevice",
    "PoliceHandover",
    "PoliceSearch",
    "PrintJob",
    "PrivilegeRevocation",
    "ProhibitedItem",
    "PupilDevice",
    "Release",
    "ReleaseDecision",
    "ReleaseRefusal",
    "RemoteTeaching",
    "RemoteTeachingException",
    "SchoolAsset",
    "SchoolPhoneCall",
    "ScreeningSession",
    "SearchConsent",
    "SearchEvent",
    "SearchFinding",
    "SearchRecord",
    "SearcherAuthorisation",
    "Slot",
    "StaffContact",
    "StaffLessonUse",
    "StoragePlace",
    "UseOfForce",
    "WorkContact",
]
