"""The tables of the app, by subject."""

from agreements.models.access import AccessGrant, AccessSystem, PupilPromise
from agreements.models.agreement import Agreement, AgreementEvent, IssueBatch, Signatory, Signature
from agreements.models.conduct import (
    DeclarationConsultation,
    DeclarationEvent,
    EquipmentUse,
    PasswordDisclosure,
    RelationshipDeclaration,
)
from agreements.models.consent import (
    ConsentEvent,
    ImageConsent,
    ImageUse,
    ImageUsePupil,
    OwnConsentDecision,
    PublishingDuty,
    Takedown,
)
from agreements.models.documents import DocumentJob, PaperScan, PrintRun, SchoolSeal, SealedDocument
from agreements.models.links import LinkItem, SigningLink, SigningVisit
from agreements.models.templates import AgreementTemplate, Clause, TemplateReading, TemplateVersion, Translation

__all__ = [
    "AccessGrant",
    "AccessSystem",
    "Agreement",
    "AgreementEvent",
    "AgreementTemplate",
    "Clause",
    "ConsentEvent",
    "DeclarationConsultation",
    "DeclarationEvent",
    "DocumentJob",
    "EquipmentUse",
    "ImageConsent",
    "ImageUse",
    "ImageUsePupil",
    "IssueBatch",
    "LinkItem",
    "OwnConsentDecision",
    "PaperScan",
    "PasswordDisclosure",
    "PrintRun",
    "PublishingDuty",
    "PupilPromise",
    "RelationshipDeclaration",
    "SchoolSeal",
    "SealedDocument",
    "Signatory",
    "Signature",
    "SigningLink",
    "SigningVisit",
    "Takedown",
    "TemplateReading",
    "TemplateVersion",
    "Translation",
]
