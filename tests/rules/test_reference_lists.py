"""The lists that come with the presets say what the requirements matrix says (§2.8)."""

from __future__ import annotations

from core.rules.presets import all_presets
from core.rules.reference_lists import reference_lists


def test_linked_documents_of_each_preset() -> None:
    """POL-10: 11 links; 8 and 9 in the two policies of one file; 7 and two national or local ones; none; 8."""
    documents = reference_lists().linked_documents
    assert list(documents) == list(all_presets())
    assert [len(found) for found in documents.values()] == [11, 10, 9, 0, 8]
    two = documents["primary-by-agreement"]
    assert len([found for found in two if found.part in ("both", "mobile")]) == 8
    assert len([found for found in two if found.part in ("both", "social_media")]) == 9


def test_risk_areas_are_the_four_cs_with_their_sub_types() -> None:
    """INC-05, INC-06."""
    areas = reference_lists().risk_areas
    assert {area: len(kinds) for area, kinds in areas.items()} == {
        "content": 7,
        "contact": 7,
        "conduct": 5,
        "commerce": 4,
    }
    assert "Phishing" in areas["commerce"]


def test_curriculum_themes_and_topics() -> None:
    """CUR-02."""
    themes = reference_lists().curriculum_themes
    assert {theme: len(topics) for theme, topics in themes.items()} == {
        "knowledge_and_behaviour": 6,
        "harms_and_risks": 10,
        "staying_safe": 5,
        "wellbeing": 4,
    }


def test_rshe_grid_has_nine_filled_cells_and_two_empty_half_terms() -> None:
    """CUR-03: 9 of 36 cells are filled; autumn 1 and summer 2 are empty."""
    grid = reference_lists().rshe_grid
    assert len(grid) == len({(cell.half_term, cell.years, cell.cycle) for cell in grid}) == 9
    assert {cell.half_term for cell in grid} == {"autumn_2", "spring_1", "spring_2", "summer_1"}


def test_duty_holders_guidance_and_front_page() -> None:
    lists = reference_lists()
    assert len(lists.duty_holders) == 7
    assert len(lists.staff_social_media_guidance.items) == 7
    assert set(lists.staff_social_media_guidance.presets) == {"primary-by-agreement", "primary-online-safety"}
    assert len(lists.policy_front_page.items) == 10
