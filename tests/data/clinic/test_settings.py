"""The keys of clinic.toml: each has a description and a valid default."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from attune_fit.data.clinic.clinic import Clinic
from attune_fit.data.clinic.settings import SETTINGS, Config, Settings


def models(annotation: Any = Config) -> Iterator[type[BaseModel]]:
    """Yield every model of a part of clinic.toml."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models(field.annotation)
    for inner in get_args(annotation):
        yield from models(inner)


MODELS = {model.__name__: model for model in models()}


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_key_is_described_and_no_other_is_allowed(name: str) -> None:
    model = MODELS[name]
    assert model.__doc__
    assert model.model_config.get("extra") == "forbid"
    for key, field in model.model_fields.items():
        assert field.description, key
        assert field.description.endswith("."), key


def test_settings_are_rows_with_their_defaults() -> None:
    assert {row.name: row.default for row in SETTINGS} == Settings().model_dump()
    assert all(row.description for row in SETTINGS)


def test_no_clinic_toml_an_empty_one_and_defaults_are_the_same(tmp_path: Path) -> None:
    absent = Clinic.open(tmp_path).config
    (tmp_path / "clinic.toml").write_text("")
    assert Clinic.open(tmp_path).config == absent == Config()


def test_attune_writes_only_under_artifacts(tmp_path: Path) -> None:
    assert Clinic.open(tmp_path).artifacts == tmp_path / "artifacts"
    assert not list(tmp_path.iterdir())
