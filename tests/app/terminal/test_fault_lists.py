"""Faults in a terminal: a list of errors and a list of warnings, each with a title that is true of all its rows."""

import pytest

from attune_fit.app.terminal.console import print_faults
from attune_fit.data.faults import Fault

ERROR = Fault.error("duplicate-id", "clients", "client_id", "the same id", fix="Keep one.", rows=[2, 5])
MISSING = Fault.warning("number-not-readable", "clients", "age", "not a number", fix="Attune treats it as missing.")
KEPT = Fault.warning("date-in-future", "clients", "due", "dates after today", fix="Attune keeps them.")


def test_errors_and_warnings_have_a_list_each(capsys: pytest.CaptureFixture[str]) -> None:
    print_faults([ERROR, MISSING, KEPT])
    printed = capsys.readouterr()
    assert "1 error to fix first" in printed.err
    assert "rows 2, 5" in printed.err
    assert "2 warnings (Attune works around them)" in printed.out
    assert "Attune keeps them." in printed.out


def test_a_list_without_faults_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    print_faults([KEPT])
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "1 warning (Attune works around them)" in printed.out
