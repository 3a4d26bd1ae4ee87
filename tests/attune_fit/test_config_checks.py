"""Checks of `clinic.toml` against the tables: a section that the file does not have needs none."""

from __future__ import annotations

import pytest

from attune_fit.config_checks import CONFIG_CHECKS, find_config_faults
from attune_fit.data.clinic.settings import Config
from tests.matching.builders import busy, opened

SECTIONS = sorted({section for section, _ in CONFIG_CHECKS if section})
WRONG_KEYS = {  # one for each section with a check of its own
    "relax": 'off = ["nothing"]',
    "follow_up": "weak = { nothing = 3 }",
    "fairness": 'groups = ["nothing"]',
    "assign": 'policy = "nothing"',
    "journal": 'therapist_label = "nothing"',
}


def test_each_section_with_a_check_is_one_of_the_file_and_has_an_example_below() -> None:
    assert set(SECTIONS) <= Config.model_fields.keys()
    assert sorted(WRONG_KEYS) == SECTIONS


@pytest.mark.parametrize(("section", "check"), CONFIG_CHECKS)
def test_the_defaults_of_a_section_have_no_fault(section: str, check: object) -> None:
    """So a check can be left out where the file does not have the section."""
    assert callable(check)
    check(opened(""), busy())
    assert section not in opened("").config.model_fields_set


@pytest.mark.parametrize("section", SECTIONS)
def test_a_wrong_key_of_a_section_is_found(section: str) -> None:
    (fault,) = find_config_faults(opened(f"[{section}]\n{WRONG_KEYS[section]}"), busy())
    assert fault.table == "clinic.toml"
    assert fault.column.startswith(section)
