"""The requirements matrix, §2.1 to 2.7, written out once more and by hand: what the five preset files must say.

Five columns in the matrix's order. `r(...)` marks a value that the matrix gives in round brackets: a reading. `U` is
unspecified, `NA` does not apply. Sets are written as sets, ordered lists as tuples, months as "2022-02".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

U = "unspecified"
NA = "not_applicable"
SLUGS = (
    "group-locked-storage",
    "primary-by-agreement",
    "primary-online-safety",
    "image-and-conduct",
    "phone-free-agreement",
)


@dataclass(frozen=True)
class r:  # noqa: N801  short, because the table is wide
    """A reading of the policy, in brackets in the matrix."""

    value: Any


BEL_TYPES = {"phone", "tablet", "e_reader", "console", "smartwatch", "fitness_tracker", "any_flagged"}
ALL_PARTS = {"lessons", "movement", "break", "lunch", "meetings", "interventions", "other"}

TABLE: dict[str, tuple[Any, Any, Any, Any, Any]] = {
    # 2.1 Pupils' devices
    "pupil_bring_rule": ("allowed_with_handin", "prior_agreement", "reason_only", U, "allowed_with_handin"),
    "pupil_bring_authoriser": ("none", "headteacher", "none", U, "none"),
    "handin_required": ("yes", "yes", "yes", U, "yes"),
    "handin_when": (r("on_arrival"), "morning", "on_site", U, "on_arrival"),
    "handin_point": (r("any_staff"), "office", "office", U, r("any_staff")),
    "handin_device_scope": (
        "phones_only",
        "all_personal_devices",
        r("all_personal_devices"),
        U,
        "all_personal_devices",
    ),
    "handin_switched_off": ("not_required", "required", "not_required", U, "required"),
    "storage_kind": ("locked_place", "safe", "office", U, "secure_place"),
    "ordinary_return": (
        "end_of_day_pupil",
        "end_of_day_pupil",
        r("on_leaving_site"),
        U,
        "end_of_day_pupil",
    ),
    "base_use_on_site": ("none", "none", "none", U, "none_and_not_on_person"),
    "rule_day_parts": ({"lessons", "movement", "other"}, ALL_PARTS, ALL_PARTS, U, ALL_PARTS),
    "break_use": ("revocable_privilege", "no", "no", U, "no"),
    "break_use_scope": (r("devices_not_handed_in"), NA, NA, U, NA),
    "curriculum_use": ("consent_risk_slt", "no", "no", U, "no"),
    "barred_areas": (
        {"changing_rooms", "toilets"},
        {"changing_rooms", "classrooms", "toilets", "swimming_pools"},
        {"whole_site"},
        U,
        {"whole_site"},
    ),
    "offsite_rule": (U, U, U, U, "same_as_site"),
    "breach_types_extra": (
        set(),
        set(),
        set(),
        {"image_sharing"},
        {"refusal", "kept_on_person", "second_hidden", "day_use"},
    ),
    "school_phone": ("pupil_dials", "adult_usually_dials", U, U, "via_staff"),
    "parent_contact_route": ("office_advised", "office_advised", U, U, "office_required"),
    "parent_contact_exception_by": ("headteacher", "none", U, U, "none"),
    "exam_scope": ("exams_and_tests", "exams", U, U, "exams"),
    "home_learning_document": (
        "group mobile-device policy",
        "AUP and / or remote-learning AUP",
        U,
        U,
        "acceptable use of ICT",
    ),
    # not itemised: "phone + smart personal devices" and "mobile technology" are covered by what a device can do
    "device_types_in_scope": (
        BEL_TYPES,
        BEL_TYPES,
        {"phone", "any_flagged"},
        {"any_flagged"},
        BEL_TYPES | {"earphones"},
    ),
    # 2.2 Exceptions for pupils
    "exception_authorisers": ({"headteacher"}, {"headteacher"}, U, U, {"headteacher", "slt"}),
    "exception_timing": ("before_use", "before_use", U, U, "before_use"),
    "exception_written_agreement": ("required", "required", U, U, r("optional")),
    "exception_agreed_by": ("pupil_or_parent", "pupil_and_parent", U, U, U),
    "exception_sanctions_text": ("required", "required", U, U, "optional"),
    "exception_reasons": (
        ("medical_aid", "medical_monitoring", "other"),
        ("medical_aid", "medical_monitoring", "other"),
        U,
        U,
        ("medical_monitoring", "other"),
    ),
    "home_school_agreement": ("none", "optional", "required", "none", "required"),
    "agreement_signatories": (
        ("pupil_or_parent",),
        ("pupil", "parent"),
        ("pupil", "parent"),
        NA,
        ("pupil", "parent", "headteacher", "form_tutor"),
    ),
    # 2.3 Confiscation, search, deletion, images
    "confiscation_grounds": (
        {"any_school_or_group_policy"},
        {"child_protection", "behaviour", "anti_bullying"},
        U,
        {"nude_image_case"},
        {"child_protection", "behaviour"},
    ),
    "collected_if_not_handed_in": (U, U, U, U, "yes"),
    "confiscated_storage": (
        "secure place",
        "secure place",
        U,
        "secured",
        "school office or other agreed secure place",
    ),
    "release_rule": (
        "parent_only",
        "parent_end_of_day_office",
        U,
        U,
        "pupil_end_of_day_unless_escalated",
    ),
    "release_escalators": (NA, NA, U, U, {"repeated", "safeguarding", "serious_misuse"}),
    "repeat_threshold": (NA, NA, r(3), U, r(2)),
    "repeat_window": (NA, NA, r(30), U, r("one_term")),
    "search_allowed_to": ({"slt"}, {"slt"}, U, U, {"headteacher", "authorised_named"}),
    "search_basis": ("consent_pupil_or_parent", "consent_pupil_or_parent", U, U, "reasonable_grounds"),
    "search_document": (
        "DfE searching guidance",
        "behaviour policy",
        U,
        "child-protection procedures",
        "behaviour policy + DfE guidance",
    ),
    "search_dsl_notice": ("only_if_risk", "only_if_risk", U, U, "every_prohibited_item_search"),
    "search_dsl_risk_timing": (r("same_day"), r("same_day"), U, U, "without_delay"),
    "deletion_rule": ("may_delete_or_request", "may_delete_or_request", U, U, "exceptional_good_reason"),
    "deletion_by": ({"slt"}, {"slt"}, U, U, {"headteacher", "authorised_named"}),
    "police_handover_pupil_device": (
        "required_on_suspicion",
        "required_on_suspicion",
        U,
        "case_by_case",
        "required_on_suspicion",
    ),
    "image_viewing": ("per_guidance", "floor", "floor", "clear_reason_only", "never"),
    "image_dsl_timing": (r("urgent"), r("urgent"), r("urgent"), "inform", "urgent"),
    "image_network_block": (U, U, U, "all_users", U),
    "image_ceop_route": (U, U, U, "direct_if_risk", U),
    # 2.4 Incidents
    "risk_areas_used": ("none", "none", "four_cs", "none", "none"),
    "threshold_levels": ("none", "none", (4, "continuum of need"), "none", "none"),
    "consent_needed_for_referral": (NA, NA, {"level_2", "level_3"}, NA, NA),
    "parents_informed": (
        "as_appropriate_unless_risk",
        "as_appropriate",
        "direct_in_safeguarding",
        U,
        "as_appropriate",
    ),
    "serious_outside_list": (
        ("police", "lado", "local_authority", "social_care", "group_safeguarding", "safeguarding_governor"),
        U,
        ("front_door", "early_help"),
        ("police", "social_care", "ceop"),
        U,
    ),
    "serious_inside_must": (("group_head_of_safeguarding",), (), ("dsl_team",), ("dsl",), ("dsl",)),
    "advice_bodies": (
        ("regional_director",),
        ("council_safeguarding_service", "other_agency"),
        U,
        ("headteacher",),
        ("council_safeguarding_service", "second_council_safeguarding_service", "other_agency"),
    ),
    "advice_seekers": (
        {"dsl", "deputy", "headteacher"},
        {"dsl", "deputy", "headteacher"},
        U,
        {"staff"},
        {"dsl", "deputy", "headteacher"},
    ),
    "debrief_required": ("yes", "yes", "no", U, "yes"),
    "sanction_ladder": (
        ("school and group policies",),
        ("behaviour policy",),
        (
            "loss of privilege",
            "internal fixed-term exclusion",
            "external fixed-term exclusion",
            "permanent exclusion",
        ),
        U,
        ("positive-behaviour policy", "restrictions"),
    ),
    "exclusion_decided_by": (U, U, "headteacher", U, U),
    "complaints_and_whistleblowing_notice": ("yes", "yes", U, U, "yes"),
    "offsite_online_tests": ("none", "none", "three_tests", "none", "none"),
    # 2.5 Staff
    "staff_lesson_use_by": ("headteacher", "slt", "headteacher", U, "headteacher"),
    "staff_lesson_use_form": ("written", "either", "verbal", U, "written"),
    "staff_lesson_storage": (
        "locked locker or drawer",
        "staffroom, cupboard or drawer",
        U,  # the policy's own place for it is unfilled
        U,
        "secure place",
    ),
    "staff_lesson_state": (
        {"off", "silent"},
        {"off", "silent"},
        {"off", "silent"},
        U,
        {"off", "silent", "do_not_disturb"},
    ),
    "staff_phone_places": (
        {"anywhere_not_barred"},
        {"anywhere_not_barred"},
        {"staffroom", "child_free_room"},
        U,
        {"anywhere_not_barred"},
    ),
    "staff_contact_own_device": ("never", "never", "by_arrangement", "judgement", "never"),
    "relationship_consulted": (
        "dsl_and_headteacher",
        "by_context",
        "headteacher",
        "none",
        "dsl_and_headteacher",
    ),
    "relationship_recorded": ("optional", "required", "optional", U, "optional"),
    "remote_own_device_by": ("headteacher", "slt", "headteacher", U, "headteacher"),
    "remote_risk_assessment": ("required", "required", "required", U, "required"),
    "work_phone_for_contact_staff": ("issued", "not_stated", "not_stated", "not_stated", "not_stated"),
    "school_device_access": (
        "with_prior_permission",
        "staff_and_pupils",
        "after_acknowledgement",
        "school_work_only",
        "staff_and_pupils",
    ),
    "school_device_protection": (
        "passcode_any",
        "passcode_any",
        "suitable_measures",
        "password_private",
        "password",
    ),
    "monitoring_notice_vehicle": (
        "group mobile-device policy",
        "AUP",
        "home-school agreement + AUP",
        "this policy",
        "acceptable use of ICT",
    ),
    "staff_breach_documents": (
        ("code of conduct", "managing allegations"),
        ("code of conduct",),
        ("code of conduct",),
        ("disciplinary",),
        ("staff behaviour", "child protection"),
    ),
    "staff_social_media_hours": (U, "breaks_away_from_pupils", "no", U, U),
    "pupil_social_media_hours": (U, "no", U, U, U),
    "underage_accounts": (U, "refuse", "warn", U, U),
    "platform_approval": (U, "dsl_and_head", "dsl_or_head_of_school", U, U),
    "official_accounts": (U, U, "register_with_head_approval", U, U),
    "staff_includes": (
        {"staff"},
        {"staff", "governors", "contractors", "visitors", "volunteers"},
        {"staff", "volunteers"},
        {"staff", "volunteers"},
        {"staff", "trustees", "contractors", "visitors", "volunteers"},
    ),
    # 2.6 Visitors and images
    "visitor_default": (
        "carry_secured",
        "specific_purpose_only",
        "no_use",
        U,
        "no_use_off_on_entry",
    ),
    "visitor_permission_by": ({"headteacher"}, {"headteacher", "dsl"}, {"headteacher"}, U, {"headteacher"}),
    "visitor_risk_assessment": (
        "where_necessary",
        "where_necessary",
        "where_necessary",
        U,
        "where_necessary",
    ),
    "visitor_breach_tells": (
        {"dsl", "headteacher"},
        {"dsl", "slt"},
        {"dsl", "headteacher"},
        U,
        {"dsl", "headteacher"},
    ),
    "visitor_information": (
        {"signs", "information"},
        {"posters", "desk_sheet"},
        {"signs", "leaflet"},
        {"programme", "announcement"},
        {"information"},
    ),
    "visitor_pupil_must_not_use_device": ("yes", U, U, U, U),
    "regular_visitor_documents": (
        ("group mobile-device", "safeguarding"),
        ("AUP", "child protection"),
        ("AUP", "child protection"),
        U,
        ("acceptable use of ICT", "child protection"),
    ),
    "own_child_photo_at_events": (U, U, "slt_permission", "guidance_only", "no"),
    "image_consent_giver": (U, U, "parent", "parent_or_capable_pupil", U),
    "image_purpose_bound": (U, U, "yes", U, U),
    "image_names": (U, U, U, "first_name_with_permission", U),
    # 2.7 Policy cycle, filtering, words
    "review_interval_months": (12, 12, 12, U, 12),
    "approved_on": (date(2021, 9, 1), U, date(2023, 10, 17), U, U),
    "last_reviewed": (U, "2022-02", U, U, U),
    "next_review_due": (r(date(2022, 9, 1)), "2023-02", "2024-10", U, "2027-07"),
    "rules_effective_from": (date(2021, 9, 1), "2022-02", date(2023, 10, 17), U, date(2026, 7, 1)),
    "approver_body": (
        "directors / governing body / governors' sub-committee",
        U,
        "full governing board",
        U,
        U,
    ),
    "monitored_by": (
        {"slt", "dsl"},
        {"dsl"},
        {"headteacher", "dsl", "online_safety_coordinator", "filtering_lead"},
        U,
        {"dsl"},
    ),
    "governor_leads": (1, 2, 0, U, 0),
    "review_triggers": (
        {"national", "local_policy", "local_concern", "technical"},
        {"national", "local_policy", "local_concern", "technical", "guidance"},
        {"yearly"},
        U,
        {"national", "local_policy", "local_concern", "technical", "law", "regulation", "practice"},
    ),
    "compliance_channels": (
        {"staff_training", "form_time"},
        {"aup", "staff_training", "classroom_management"},
        {"home_school_agreement", "aup"},
        U,
        {"all_members"},
    ),
    "filtering_plan": ("action_plan", "action_plan", "seven_part", "none", "action_plan"),
    "dsl_model": ("by_phase", "single", "head_is_dsl_heading", U, "single"),
    # the matrix names places here; presets name none, and each school enters its own
    "local_partnership": (U, U, U, U, U),
    "term_child": ("pupil", "learner", "pupil", "pupil", "pupil"),
    "term_head": ("headteacher_or_principal", "headteacher", "head_teacher", "headteacher", "headteacher"),
    "term_governors": ("directors", "governors", "governing_board", U, "trustees"),
    "term_child_protection": (
        "safeguarding policy",
        "child protection policy",
        "child protection policy",
        "safeguarding and child protection",
        "safeguarding and child protection policy",
    ),
    "term_aup": (
        "mobile-device policy (group)",
        "acceptable use policy",
        "acceptable use policy",
        "none",
        "acceptable use of ICT document",
    ),
    "term_behaviour": (
        "behaviour policy",
        "behaviour and discipline policy",
        "behaviour policy",
        "none",
        "positive behaviour support policy",
    ),
}

ADDED: dict[str, tuple[Any, Any, Any, Any, Any]] = {
    "pupil_signs_from_year": (U, U, U, U, U),
    "agreement_reminder_days": (r(7), r(7), r(7), r(7), r(7)),
    "confiscation_days_limit": (U, U, U, U, U),  # law CO-4: a school sets its own
    "uncollected_tell_parents": (U, U, U, U, U),
    "overnight_two_names": (U, U, U, U, U),
    "allowed_places": (NA, NA, NA, U, NA),
    "barred_functions": (U, U, U, U, {"short_range_sharing", "messaging", "recording", "camera", "internet"}),
    "sixth_form_devices": (r(set()), r(set()), r(set()), U, r(set())),
    "sixth_form_places": (NA, NA, NA, U, NA),
    "sixth_form_times": (NA, NA, NA, U, NA),
    "sixth_form_hand_in": (NA, NA, NA, U, NA),
    "boarder_devices": (r(set()), r(set()), r(set()), U, r(set())),
    "boarder_places": (NA, NA, NA, U, NA),
    "boarder_times": (NA, NA, NA, U, NA),
    "boarder_hand_in": (NA, NA, NA, U, NA),
    "lesson_devices": (r(set()), r(set()), r(set()), U, r(set())),
}

SECTION_SIZES = {"2.1": 23, "PH-3": 0, "2.2": 8, "2.3": 19, "2.4": 13, "2.5": 21, "2.6": 11, "2.7": 19}
