"""Why a search is not opened, started, completed or closed: each refusal by its fact, fit for the person searching."""

from __future__ import annotations

from core.kit.refusals import Refusal


class UnableToSearch(Refusal):
    """A search does not go on."""


class NotASearcher(UnableToSearch):
    """The school's rules do not name this person; the sentence names who may (SEA-01)."""

    recorded = True


class NotYourSearch(UnableToSearch):
    """Somebody else makes this search."""

    recorded = True


class SearcherNotDecided(UnableToSearch):
    """The rules do not say who searches: a head, a senior leader or the DSL decides and says why (matrix §0.3)."""

    default_field = "decision_reason"


class BasisNotDecided(UnableToSearch):
    """The rules do not say what there must be before a search: somebody decides and says why (matrix §0.3)."""

    default_field = "basis_reason"


class BasisNotAllowed(UnableToSearch):
    """The school's rules name another basis."""

    recorded = True
    default_field = "basis"


class DeviceNotHere(UnableToSearch):
    """What is on a device is looked at only once the school has taken the device."""

    default_field = "custody"


class ItemNotListed(UnableToSearch):
    """Without consent only for what the list of the day lets one search for (law SE-1)."""

    recorded = True
    default_field = "item"


class GroundsMissing(UnableToSearch):
    """Reasonable grounds and why it is needed are written down first (SEA-03)."""

    default_field = "grounds"


class GoodReasonMissing(UnableToSearch):
    """Looking at what is on a device has one of the lawful reasons (law EX-1)."""

    default_field = "good_reason"


class KnownNotWeighed(UnableToSearch):
    """Something on record bears on whether the search is reasonable, and nobody has weighed it (law SE-8)."""

    default_field = "weighed"


class AnswerMissing(UnableToSearch):
    """A question is not answered; `field` says which."""


class ConsentMissing(UnableToSearch):
    """Consent was not given, or was taken back: the search does not start (SEA-02)."""

    recorded = True


class ContactNotPermitted(UnableToSearch):
    """The adult may not be told, so their consent is not asked for."""

    default_field = "contact"


class SameSexNeeded(UnableToSearch):
    """Somebody of the pupil's sex searches, with a witness, unless serious harm is likely (law SE-4)."""

    default_field = "urgent_reason"


class OuterClothingOnly(UnableToSearch):
    """Staff never remove more than outer clothing; only the police may (law SE-4, SE-11)."""

    recorded = True
    default_field = "outer_clothing_only"


class DisposalNotAllowed(UnableToSearch):
    """The table of what is done with things found does not offer that (law §2)."""

    default_field = "disposal"


class DisposalNeedsReason(UnableToSearch):
    """Where not the expected is done, the reason is kept."""

    default_field = "reason"


class FoundNotSaid(UnableToSearch):
    """Nothing is said about what was found, or two things that cannot both be."""

    default_field = "found"


class SearchIncomplete(UnableToSearch):
    """One of the ten answers of law SE-5 is missing."""


class TellDslUndecided(UnableToSearch):
    """The rules do not say whether the DSL is told: somebody decides and says why (matrix §0.3)."""

    default_field = "tell_because"


class ParentsNotTold(UnableToSearch):
    """Parents are told, or the DSL withholds it, before a search is closed (law SE-7)."""


class ForceNotRecorded(UnableToSearch):
    """Force was used: its own record comes first (law SE-13)."""


class StopSaysWhy(UnableToSearch):
    """A search is stopped for a reason."""

    default_field = "because"
