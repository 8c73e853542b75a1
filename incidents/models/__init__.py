"""The tables of the app, by subject."""

from incidents.models.case import (
    CaseAccess,
    Incident,
    IncidentEvent,
    IncidentNote,
    IncidentPerson,
    ReferenceCounter,
    SubType,
    TypeSetting,
)
from incidents.models.course import (
    AdviceRecord,
    Notification,
    ParentContact,
    PlanReview,
    Referral,
    Sanction,
    SupportPlan,
    ThresholdAssessment,
)
from incidents.models.guidance import HelpEntry
from incidents.models.learning import Debrief, ExamReport, FileArrival, FileTransfer, Lesson, TransferEvent
from incidents.models.sensitive import CaseDocument, ImageCase, ImageTask, OutsideEntry, StaffConcern, ViewingException

__all__ = [
    "AdviceRecord",
    "CaseAccess",
    "CaseDocument",
    "Debrief",
    "ExamReport",
    "FileArrival",
    "FileTransfer",
    "HelpEntry",
    "ImageCase",
    "ImageTask",
    "Incident",
    "IncidentEvent",
    "IncidentNote",
    "IncidentPerson",
    "Lesson",
    "Notification",
    "OutsideEntry",
    "ParentContact",
    "PlanReview",
    "ReferenceCounter",
    "Referral",
    "Sanction",
    "StaffConcern",
    "SubType",
    "SupportPlan",
    "ThresholdAssessment",
    "TransferEvent",
    "TypeSetting",
    "ViewingException",
]
