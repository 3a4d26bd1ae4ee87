"""Pages of errors."""

from starlette.testclient import TestClient


def test_an_address_that_is_not_there_leads_back(reading_desk: TestClient) -> None:
    answer = reading_desk.get("/nothing")
    assert answer.status_code == 404
    assert 'href="/today"' in answer.text
