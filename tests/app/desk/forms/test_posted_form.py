"""Posted forms: what of them is read, and which addresses lead to no other site."""

import pytest
from starlette.datastructures import FormData

from attune_fit.app.desk.forms.posted_form import is_local_address, list_form_pairs, list_texts, parse_seen
from attune_fit.app.desk.wording.fault_texts import format_fault, format_page_text
from attune_fit.data.faults import Fault


@pytest.mark.parametrize("address", ["", "today", "//x", "/\\x", "https://x", "javascript:x", "/a\nb", "/\t/x"])
def test_only_a_path_of_the_desk_is_local(address: str) -> None:
    assert not is_local_address(address)
    assert is_local_address("/clients/c1?done=3")


def test_a_form_is_read_as_it_was_sent() -> None:
    form = FormData([("seen", "7"), ("formats", "video"), ("formats", " "), ("formats", " in person ")])
    assert parse_seen(form) == 7
    assert list_texts(form, "formats") == ["video", "in person"]
    assert list_form_pairs(form, without=["formats"]) == [("seen", "7")]
    assert parse_seen(FormData([("seen", "-1")])) == 0  # it has seen nothing
    assert parse_seen(FormData()) == 0


def test_no_page_names_an_option_of_a_command() -> None:
    assert format_page_text("Correct `--on`. Add `--value ID`, with the id. It is `t1`.") == "It is t1."
    fault = Fault.error("x", "journal", "on", "`on` is not a day", fix="`attune journal` lists them. Write 2026-01-31.")
    assert format_fault(fault) == "on is not a day. Write 2026-01-31."
