"""Every write about who may use a device by permission, by subject."""

from devices.operations.permissions.exceptional import (
    DeviceOfSomebodyElse,
    ReasonNotOffered,
    SanctionsMissing,
    Wish,
    ask_exceptional_use,
    change_exceptional_use,
    follow_agreement,
    send_for_signatures,
    tell_signatories,
)
from devices.operations.permissions.papers import NoTextToSign
from devices.operations.permissions.routes import ask_contact_route, change_contact_route

__all__ = [
    "DeviceOfSomebodyElse",
    "NoTextToSign",
    "ReasonNotOffered",
    "SanctionsMissing",
    "Wish",
    "ask_contact_route",
    "ask_exceptional_use",
    "change_contact_route",
    "change_exceptional_use",
    "follow_agreement",
    "send_for_signatures",
    "tell_signatories",
]
