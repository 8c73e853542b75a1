"""Every write about the school’s own devices: their register, who has which, and staff’s work numbers."""

from devices.operations.assets.contacts import set_work_contact
from devices.operations.assets.issuing import confirm_reset, issue_asset, return_asset
from devices.operations.assets.refusals import (
    AssetNotAvailable,
    DocumentNotAcknowledged,
    DueTooEarly,
    NotAnAssignee,
    NoticeNotAcknowledged,
    NotIssued,
    NumberMissing,
    NumberTaken,
    PermissionNeeded,
    ResetAlready,
    SaysTooLittle,
    UnableToIssue,
    UseNotAuthorised,
    WhileIssued,
)
from devices.operations.assets.register import add_asset, change_asset, check_protection

__all__ = [
    "AssetNotAvailable",
    "DocumentNotAcknowledged",
    "DueTooEarly",
    "NotAnAssignee",
    "NotIssued",
    "NoticeNotAcknowledged",
    "NumberMissing",
    "NumberTaken",
    "PermissionNeeded",
    "ResetAlready",
    "SaysTooLittle",
    "UnableToIssue",
    "UseNotAuthorised",
    "WhileIssued",
    "add_asset",
    "change_asset",
    "check_protection",
    "confirm_reset",
    "issue_asset",
    "return_asset",
    "set_work_contact",
]
