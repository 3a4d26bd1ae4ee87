import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attune_fit.data.faults import DataFault
from attune_fit.data.synthetic.effect_draws import draw_effects
from attune_fit.data.synthetic.named_worlds import WORLDS
from attune_fit.data.synthetic.world import World
from attune_fit.data.synthetic.world_file import find_world, format_world, read_world, write_world
from tests.fault_descriptions import describe_faults, raises_faults

SECTION_BY_FIELD = {name: section for section, names in World.list_sections().items() for name in names}
NUMBERS = st.fixed_dictionaries(
    {},
    optional={
        "fit": st.floats(0, 0.3),
        "carriers": st.dictionaries(st.sampled_from(("style", "wishes", "culture")), st.floats(-1, 1).filter(bool)),
        "dropout_d": st.floats(-1e-9, 1e9),
        "growth": st.floats(-1, 1),
        "sessions": st.integers(1, 52),
        "meetings": st.sampled_from(("random", "wishes")),
        "mix": st.sampled_from(("style", "null")),
    },
)


INVALID = "world-field-not-valid"


def read_faults(text: str | bytes, folder: Path) -> list[str]:
    """Return the faults of an invalid world file, one line each."""
    file = folder / "mine.toml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(DataFault) as error:
        read_world(file)
    return describe_faults(error.value.faults)


@pytest.mark.parametrize("name", WORLDS)
def test_every_named_world_reads_back_as_it_was_written(name: str, tmp_path: Path) -> None:
    write_world(WORLDS[name].build_world(), tmp_path / "world.toml")
    assert read_world(tmp_path / "world.toml") == WORLDS[name].build_world()


@pytest.mark.parametrize("seed", range(5))
def test_a_drawn_world_reads_back_to_the_last_digit(seed: int, tmp_path: Path) -> None:
    world = draw_effects(World(), np.random.default_rng(seed))
    write_world(world, tmp_path / "world.toml")
    assert read_world(tmp_path / "world.toml") == world


@given(NUMBERS)
def test_any_world_reads_back_from_its_text(numbers: dict[str, Any]) -> None:
    if numbers.get("carriers"):
        numbers["mix"] = "own"
    world = World(**numbers)
    document = tomllib.loads(format_world(world))
    assert (
        World(**{name: value for section_fields in document.values() for name, value in section_fields.items()})
        == world
    )


@pytest.mark.parametrize("name", World.model_fields)
def test_every_number_is_in_its_section_below_its_meaning_and_its_source(name: str) -> None:
    text = format_world(World())
    assert name in tomllib.loads(text)[SECTION_BY_FIELD[name]]
    section = text.split(f"\n[{SECTION_BY_FIELD[name]}]\n")[1].split("\n[")[0]
    above = section[: f"\n{section}".index(f"\n{name} = ")].splitlines()
    last = max((place for place, line in enumerate(above) if not line.startswith("#")), default=-1)
    comment = " ".join(line.lstrip("# ") for line in above[last + 1 :])
    assert (World.model_fields[name].description or "") in comment
    if name in World.list_sources():
        figure = World.list_sources()[name]
        assert f"({figure.mark}): {' '.join(figure.cite.split())}" in comment
        assert comment.split(". ", 1)[1].startswith(f"{figure.value:g}")


def test_no_line_is_too_long_to_read() -> None:
    assert max(map(len, format_world(World()).splitlines())) <= 120


def test_a_missing_number_keeps_its_default(tmp_path: Path) -> None:
    for text, world in (("", World()), ("[shares]\nfit = 0.1\n", World(fit=0.1)), ("[time]\n", World())):
        (tmp_path / "world.toml").write_text(text)
        assert read_world(tmp_path / "world.toml") == world


def test_a_file_from_an_editor_that_marks_utf_8_is_read(tmp_path: Path) -> None:
    (tmp_path / "world.toml").write_bytes(b"\xef\xbb\xbf[shares]\r\nfit = 0.1 # d\xc3\xa9j\xc3\xa0\r\n")
    assert read_world(tmp_path / "world.toml") == World(fit=0.1)


def test_one_error_lists_every_fault_with_its_fix(tmp_path: Path) -> None:
    text = """
    fit = 0.1
    [shares]
    dyadd = 0.3
    sites = 3
    therapist = 4
    [cours]
    sessions = 3
    [course]
    sessions = 0
    dropout = 1
    growth = nan
    [meetings]
    meetings = "by mood"
    """
    sections = ", ".join(f"`{name}`" for name in list(World.list_sections())[:3])
    assert read_faults(text, tmp_path) == [
        f"mine.toml, cours: unknown-world-section (cours, Did you mean `course`? Known: {sections}, and more.)",
        f"mine.toml, course.dropout: {INVALID} (should be less than 1)",
        f"mine.toml, course.growth: {INVALID} (should be a finite number)",
        f"mine.toml, course.sessions: {INVALID} (should be greater than or equal to 1)",
        "mine.toml, fit: unknown-world-section (fit, Put it under [shares].)",
        f"mine.toml, meetings.meetings: {INVALID} (should be 'availability', 'coordinator', 'wishes' or 'random')",
        "mine.toml, shares.dyadd: unknown-world-field (dyadd, shares, "
        "Did you mean `dyad`? Known: `dyad`, `fit`, `therapist`, and more.)",
        "mine.toml, shares.sites: unknown-world-field (sites, shares, Put it under [roster].)",
        f"mine.toml, shares.therapist: {INVALID} (should be less than or equal to 1)",
    ]


@pytest.mark.parametrize("name", World.model_fields)
def test_a_number_in_a_wrong_section_gets_its_right_section_as_fix(name: str, tmp_path: Path) -> None:
    section = next(other for other in World.list_sections() if other != SECTION_BY_FIELD[name])
    expected = [
        f"mine.toml, {section}.{name}: unknown-world-field ({name}, {section}, "
        f"Put it under [{SECTION_BY_FIELD[name]}].)"
    ]
    assert read_faults(f"[{section}]\n{name} = 1\n", tmp_path) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[effects]\nmix = "styl"',
            f"mine.toml: {INVALID} (unknown mix `styl`: use one of balanced, wishes, style, ",
        ),
        (
            "[effects]\ncarriers = { luck = 1.0 }",
            f"mine.toml: {INVALID} (unknown carrier `luck`: use some of ",
        ),
        (
            '[effects]\ncarriers = { style = "a lot" }',
            f"mine.toml, effects.carriers: {INVALID} (should be a valid number",
        ),
        (
            "[effects]\ncarriers = { style = 0.0 }",
            f"mine.toml: {INVALID} (carriers need at least one share that is not 0",
        ),
        (
            "[effects]\ncarriers = [1]",
            f"mine.toml, effects.carriers: {INVALID} (should be a table of carriers",
        ),
        (
            "[effects]\ncarriers = 3",
            f"mine.toml, effects.carriers: {INVALID} (should be a table of carriers",
        ),
        ('[shares]\nfit = "much"', f"mine.toml, shares.fit: {INVALID} (should be a valid number"),
        ("[course]\nsessions = 2.5", f"mine.toml, course.sessions: {INVALID} (should be a valid integer"),
        (
            "[shares]\ndyad = 0.01",
            f"mine.toml: {INVALID} (fit is a part of dyad and must not be larger: raise dyad, or lower fit)",
        ),
        (
            "[shares]\ntherapist = 0.9",
            f"mine.toml: {INVALID} (dyad, therapist and occasion add up to more than 1: lower one of ",
        ),
        ("[shares", "mine.toml: toml-not-valid (Expected ']'"),
        ("[shares]\nfit = 1\nfit = 2", "mine.toml: toml-not-valid (Cannot overwrite"),
        (b"# caf\xe9", "mine.toml: not-utf-8"),
    ],
)
def test_each_fault_has_a_plain_message(text: str | bytes, message: str, tmp_path: Path) -> None:
    (error,) = read_faults(text, tmp_path)
    assert error.startswith(message)


def test_a_world_is_found_by_its_name_or_by_its_file(tmp_path: Path) -> None:
    assert find_world("crossed") == WORLDS["crossed"].build_world()
    write_world(World(fit=0.11), tmp_path / "mine.toml")
    assert find_world(str(tmp_path / "mine.toml")) == World(fit=0.11)


@pytest.mark.parametrize("known", WORLDS)
def test_an_unknown_world_lists_the_known_worlds_and_the_closest_name(known: str) -> None:
    with pytest.raises(DataFault, match=f"^nul: .*Did you mean `null`.* Known: .*`{known}`[,.]"):
        find_world("nul")


def test_a_folder_is_refused_as_a_world(tmp_path: Path) -> None:
    with raises_faults(f"{tmp_path}: unknown-world (Known: `published`, `null`, `chemistry`, and more.)"):
        find_world(str(tmp_path))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("a = " + "[" * 10_000, "toml-too-deep"),
        (f'[shares]\npair = "{"x" * 2_000_000}"', "toml-too-large"),
        (f"[shares]\npair = {'1' * 5_000}", "number-with-too-many-digits"),
    ],
    ids=["brackets", "long text", "long number"],
)
def test_a_strange_world_file_is_one_error_at_once(tmp_path: Path, content: str, fault: str) -> None:
    path = tmp_path / "world.toml"
    path.write_text(content)
    with pytest.raises(DataFault) as caught:
        find_world(str(path))
    assert [one.id for one in caught.value.faults] == [fault]
