"""Every write about who may use a device by permission, by subject."""

from devices.operations.permissions.exceptional import (
    DeviceOfSomebodyElse,
    NoTextToSign,
    ReasonNotOffered,
    SanctionsMissing,
    Wish,
    ask_exceptional_use,
    change_exceptional_use,
    follow_agreement,
    send_for_signatures,
    tell_signatories,
)

__all__ = [
    "DeviceOfSomebodyElse",
    "NoTextToSign",
    "ReasonNotOffered",
    "SanctionsMissing",
    "Wish",
    "ask_exceptional_use",
    "change_exceptional_use",
    "follow_agreement",
    "send_for_signatures",
    "tell_signatories",
]
