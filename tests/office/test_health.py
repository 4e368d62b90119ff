"""/healthz and /metrics."""

import pytest

from office import health


@pytest.mark.django_db(transaction=True)
def test_every_part_is_named_and_well(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ok": True, "database": "ok", "cache": "ok", "broker": "ok", "disk": "ok",
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_part_that_fails_is_named_and_not_explained(client, monkeypatch):
    monkeypatch.setattr(health, "LEAST_FREE", 2**70)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["disk"] == "unavailable"
    assert answer.json()["database"] == "ok"


@pytest.mark.django_db
def test_metrics_are_for_the_monitoring_system_alone(client):
    assert b"django_http_requests" in client.get("/metrics", REMOTE_ADDR="127.0.0.1").content
    assert client.get("/metrics", REMOTE_ADDR="10.9.8.7").status_code == 403
