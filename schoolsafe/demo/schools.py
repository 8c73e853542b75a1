"""The five demonstration schools: one for each preset. Nobody and nothing here exists."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.people.enums import BodyKind, GoverningBody, Phase
from core.people.roles import Role
from devices.enums import PlaceKind, PlacePurpose

ROLLS = Path(__file__).parent / "rolls"
PASSWORD = "open-for-the-day"  # noqa: S105  the same for every demonstration account, and printed

# Until this day the special school went by other rules (ORG-16, ROC-S1).
PHONE_FREE_FROM = date(2026, 7, 1)


@dataclass(frozen=True)
class Place:
    """A storage place to set up. `letter` goes before the slots' numbers where two places have slots."""

    name: str
    kind: PlaceKind
    slots: int = 0
    purpose: PlacePurpose = PlacePurpose.DAILY
    lockable: bool = True
    letter: str = ""


@dataclass(frozen=True)
class Body:
    """An entry of the directory of outside bodies."""

    kind: BodyKind
    name: str
    contact_role: str
    phone: str
    hours: str = "Monday to Friday, 9am to 5pm"


@dataclass(frozen=True)
class DemoSchool:
    """All that tells one demonstration school from another."""

    key: str
    name: str
    preset: str
    phases: tuple[Phase, ...]
    profile: MappingProxyType[str, Any]
    administrator: tuple[str, str, str]
    places: tuple[Place, ...]
    phone_share: MappingProxyType[int, float]
    bodies: tuple[Body, ...]
    roles: MappingProxyType[str, tuple[Role, ...]] = field(default_factory=lambda: MappingProxyType({}))
    phase_roles: tuple[tuple[str, Role, Phase], ...] = ()
    watch_share: float = 0.0
    tablet_share: float = 0.0
    second_phone_share: float = 0.0
    tutors_take_in: float = 0.0

    @property
    def domain(self) -> str:
        return f"{self.key}.example.org"

    def email(self, post: str) -> str:
        return f"{post}@{self.domain}"

    @property
    def rolls(self) -> list[Path]:
        return sorted((ROLLS / self.key).glob("*.csv"))


# What a job title means, where the import cannot tell or one person holds several posts. A person would tick these.
_ROLES: dict[str, tuple[Role, ...]] = {
    "Headteacher": (Role.HEADTEACHER,),
    "Deputy Headteacher": (Role.SLT,),
    "Designated Safeguarding Lead": (Role.DSL, Role.ONLINE_SAFETY_HOLDER),
    "SENCO": (Role.TEACHER, Role.RSHE_LEAD),
    "Computing Lead": (Role.TEACHER, Role.COMPUTING_LEAD),
    "IT Provider Contact": (Role.IT_CONTACT,),
    "Chair of Governors": (Role.GOVERNOR, Role.CHAIR),
    "School Administrator": (),
}


def _roles(**changed: tuple[Role, ...]) -> MappingProxyType[str, tuple[Role, ...]]:
    return MappingProxyType(_ROLES | {title.replace("_", " "): roles for title, roles in changed.items()})


def _profile(
    key: str, motto: str, trust: str, body: GoverningBody, partnership: str, address: str, phone: str
) -> MappingProxyType[str, Any]:
    return MappingProxyType(
        {
            "motto": motto,
            "trust_name": trust,
            "governing_body": body,
            "safeguarding_partnership": partnership,
            "address": address,
            "phone": phone,
            "email": f"office@{key}.example.org",
            "website": f"https://{key}.example.org",
        }
    )


def _bodies(county: str, first: int, *more: Body) -> tuple[Body, ...]:
    """The bodies that every school keeps, with telephone numbers from the range kept for fiction."""

    def number(place: int) -> str:
        return f"01632 960{first + place:03d}"

    round_the_clock = "Day and night"
    return (
        Body(BodyKind.POLICE, f"{county} Police, schools officer", "Schools officer", number(0), round_the_clock),
        Body(
            BodyKind.SOCIAL_CARE, f"{county} children’s social care", "Duty social worker", number(1), round_the_clock
        ),
        Body(BodyKind.LADO, f"{county} designated officer", "LADO", number(2)),
        Body(BodyKind.FRONT_DOOR, f"{county} safeguarding front door", "Referral desk", number(3)),
        Body(BodyKind.EARLY_HELP, f"{county} early help", "Family adviser", number(4)),
        Body(
            BodyKind.IT_PROVIDER,
            "Candlewick School Networks",
            "Service desk",
            number(5),
            "Monday to Friday, 7am to 6pm",
        ),
        *more,
    )


_YEARS_OF_SECONDARY = {7: 0.72, 8: 0.78, 9: 0.82, 10: 0.86, 11: 0.86}

ASHGROVE = DemoSchool(
    key="ashgrove",
    name="Ashgrove Academy",
    preset="group-locked-storage",
    phases=(Phase.PRIMARY, Phase.SECONDARY),
    profile=_profile(
        "ashgrove",
        "Grow where you stand",
        "Alderbank Learning Group",
        GoverningBody.GOVERNORS_AND_DIRECTORS,
        "Wendshire Safeguarding Children Partnership",
        "Ash Lane, Great Wend, Wendshire ZZ99 1AA",
        "01632 960100",
    ),
    administrator=("Judith", "Penrose", "Mrs"),
    places=(
        Place("Phone cabinet", PlaceKind.LOCKED_PLACE, slots=130),
        Place("Confiscated: deputy head’s safe", PlaceKind.SAFE, purpose=PlacePurpose.CONFISCATED),
        Place("Evidence: sealed bags in the head’s safe", PlaceKind.SAFE, purpose=PlacePurpose.EVIDENCE),
    ),
    phone_share=MappingProxyType({5: 0.2, 6: 0.5, **_YEARS_OF_SECONDARY}),
    roles=_roles(
        Deputy_Headteacher=(Role.SLT, Role.ONLINE_SAFETY_HOLDER),
        **{
            "Designated Safeguarding Lead (primary)": (Role.TEACHER,),
            "Designated Safeguarding Lead (secondary)": (Role.TEACHER,),
        },
    ),
    phase_roles=(
        ("dsl.primary", Role.DSL, Phase.PRIMARY),
        ("dsl.secondary", Role.DSL, Phase.SECONDARY),
    ),
    watch_share=0.06,
    tablet_share=0.08,
    second_phone_share=0.02,
    tutors_take_in=0.15,
    bodies=_bodies(
        "Wendshire",
        110,
        Body(BodyKind.GROUP_CONTACT, "Alderbank Learning Group", "Safeguarding office", "01632 960118"),
        Body(BodyKind.EXAM_BOARD, "Meridian Examinations", "Malpractice desk", "01632 960119"),
    ),
)

BARLEY_LANE = DemoSchool(
    key="barley-lane",
    name="Barley Lane Primary School",
    preset="primary-by-agreement",
    phases=(Phase.EARLY_YEARS, Phase.PRIMARY),
    profile=_profile(
        "barley-lane",
        "Rooted in kindness",
        "Barrowdown Schools Trust",
        GoverningBody.GOVERNORS,
        "Barrowdown Safeguarding Children Partnership",
        "12 Barley Lane, Nether Barrow, Barrowdown ZZ99 2BB",
        "01632 960200",
    ),
    administrator=("Moira", "Stubbs", "Mrs"),
    places=(
        Place("Office safe", PlaceKind.SAFE, slots=40),
        Place(
            "Confiscated: locked drawer in the head’s office", PlaceKind.LOCKED_PLACE, purpose=PlacePurpose.CONFISCATED
        ),
        Place("Evidence: sealed box", PlaceKind.SAFE, purpose=PlacePurpose.EVIDENCE),
    ),
    phone_share=MappingProxyType({3: 0.03, 4: 0.07, 5: 0.24, 6: 0.5}),
    roles=_roles(Chair_of_Governors=(Role.GOVERNOR, Role.CHAIR, Role.SAFEGUARDING_GOVERNOR)),
    watch_share=0.03,
    bodies=_bodies(
        "Barrowdown",
        210,
        Body(BodyKind.ADVICE_SERVICE, "Barrowdown education safeguarding service", "Adviser on duty", "01632 960218"),
    ),
)

RUSHMERE = DemoSchool(
    key="rushmere",
    name="Rushmere Primary School",
    preset="primary-online-safety",
    phases=(Phase.EARLY_YEARS, Phase.PRIMARY),
    profile=_profile(
        "rushmere",
        "Curious, careful, kind",
        "Saltern Council",
        GoverningBody.GOVERNORS,
        "Saltern Safeguarding Children Partnership",
        "Mere Road, Rushmere, Saltern ZZ99 3CC",
        "01632 960300",
    ),
    administrator=("Norman", "Eddy", "Mr"),
    places=(
        Place("Office tray", PlaceKind.OFFICE, slots=30, lockable=False),
        Place("Class cupboard, Y5/6", PlaceKind.LOCKED_PLACE, slots=6, letter="C"),
        Place("Confiscated: head’s cupboard", PlaceKind.LOCKED_PLACE, purpose=PlacePurpose.CONFISCATED),
        Place("Evidence: sealed box", PlaceKind.SAFE, purpose=PlacePurpose.EVIDENCE),
    ),
    phone_share=MappingProxyType({3: 0.06, 4: 0.12, 5: 0.35, 6: 0.6}),
    roles=_roles(
        Headteacher=(Role.HEADTEACHER, Role.ONLINE_SAFETY_HOLDER), Designated_Safeguarding_Lead=(Role.DSL, Role.TEACHER)
    ),
    watch_share=0.04,
    bodies=_bodies(
        "Saltern", 310, Body(BodyKind.LOCAL_AUTHORITY, "Saltern Council", "Education officer", "01632 960318")
    ),
)

UNITY = DemoSchool(
    key="unity",
    name="Unity School",
    preset="image-and-conduct",
    phases=(Phase.SECONDARY,),
    profile=_profile(
        "unity",
        "",
        "",
        GoverningBody.GOVERNORS,
        "Fellmoor Safeguarding Children Partnership",
        "Station Approach, Fellmoor ZZ99 4DD",
        "01632 960400",
    ),
    administrator=("Vernon", "Gable", "Mr"),
    places=(
        Place("Year office lockers", PlaceKind.SECURE_PLACE, slots=240),
        Place("Confiscated: pastoral office safe", PlaceKind.SAFE, purpose=PlacePurpose.CONFISCATED),
        Place("Evidence: sealed bags", PlaceKind.SAFE, purpose=PlacePurpose.EVIDENCE),
    ),
    phone_share=MappingProxyType({7: 0.66, 8: 0.68, 9: 0.7}),
    roles=_roles(
        Deputy_Headteacher=(Role.SLT, Role.ONLINE_SAFETY_HOLDER), Designated_Safeguarding_Lead=(Role.DSL, Role.TEACHER)
    ),
    second_phone_share=0.02,
    bodies=_bodies("Fellmoor", 410, Body(BodyKind.CEOP, "Online exploitation desk", "Duty officer", "01632 960418")),
)

ROCHFORD_VALE = DemoSchool(
    key="rochford-vale",
    name="Rochford Vale School",
    preset="phone-free-agreement",
    phases=(Phase.SECONDARY,),
    profile=_profile(
        "rochford-vale",
        "Every step counts",
        "Rochford Vale Trust",
        GoverningBody.TRUSTEES,
        "Valemarch Safeguarding Children Partnership",
        "Vale Road, Rochford Cross, Valemarch ZZ99 5EE",
        "01632 960500",
    ),
    administrator=("Maurice", "Drover", "Mr"),
    places=(
        Place("Secure room", PlaceKind.SECURE_PLACE, slots=180),
        Place("Confiscated: school office cupboard", PlaceKind.LOCKED_PLACE, purpose=PlacePurpose.CONFISCATED),
        Place("Evidence: sealed box", PlaceKind.SAFE, purpose=PlacePurpose.EVIDENCE),
    ),
    phone_share=MappingProxyType({7: 0.6, 8: 0.66, 9: 0.72, 10: 0.78, 11: 0.8}),
    roles=_roles(),
    watch_share=0.08,
    tablet_share=0.05,
    second_phone_share=0.01,
    tutors_take_in=0.25,
    bodies=_bodies(
        "Valemarch",
        510,
        Body(BodyKind.ADVICE_SERVICE, "Valemarch safeguarding advice", "Adviser on duty", "01632 960518"),
        Body(BodyKind.PLACEMENT_PROVIDER, "Harbour Kitchens", "Placement lead", "01632 960519"),
    ),
)

SCHOOLS = (ASHGROVE, BARLEY_LANE, RUSHMERE, UNITY, ROCHFORD_VALE)

# Works mornings at one school and afternoons at the other: the switcher has something to switch.
SHARED_PERSON = BARLEY_LANE.email("reception")
SHARED_AT = RUSHMERE
