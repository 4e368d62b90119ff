"""办件汇聚 at the mock portal, over HTTP: signature, once per key, order by sequence, faults."""

import hmac
import json
import urllib.error
import urllib.request
from hashlib import sha256

import pytest

CASE = "YZ2026-000123"


def send(portal, secret, *, path="/cases/", **message):
    body = json.dumps(message).encode()
    sign = hmac.new(secret.encode(), body, sha256).hexdigest()
    request = urllib.request.Request(
        f"{portal.url}{path}", body, {"X-Signature": sign, "Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


def status(seq, word="step", **more):
    return {"kind": "case.status", "key": f"{CASE}-{seq}", "caseNo": CASE, "seq": seq,
            "status": word, "word": word, "at": f"2026-01-01T00:00:{seq:02d}", **more}  # fmt: skip


def received(portal):
    with urllib.request.urlopen(f"{portal.url}/_mock/cases", timeout=5) as answer:
        return json.load(answer)["cases"]


def test_a_message_without_the_right_signature_is_not_taken(portal):
    with pytest.raises(urllib.error.HTTPError) as refused:
        send(portal, "wrong", **status(1))
    with refused.value as answer:
        assert answer.code == 403
    assert received(portal) == {}


def test_status_stands_in_its_order_whatever_order_it_came_in(portal, settings):
    for seq in (7, 3, 5):
        send(portal, settings.OUTBOX_SECRET, **status(seq))
    assert [one["seq"] for one in received(portal)[CASE]["statuses"]] == [3, 5, 7]


def test_the_same_key_is_taken_once_and_answered_alike(portal, settings):
    first = send(portal, settings.OUTBOX_SECRET, **status(1))
    again = send(portal, settings.OUTBOX_SECRET, **status(1, word="closed_granted"))
    assert first == again and first["data"]["projId"].startswith("330212")
    assert [one["status"] for one in received(portal)[CASE]["statuses"]] == ["step"]


def test_an_older_rating_does_not_replace_a_newer_one(portal, settings):
    for revision, level in ((2, 5), (1, 1)):
        send(
            portal, settings.OUTBOX_SECRET, kind="case.rating", key=f"r{revision}", caseNo=CASE,
            step="accepted", level=level, revision=revision,
        )  # fmt: skip
    assert [one["level"] for one in received(portal)[CASE]["ratings"]] == [5]


def test_a_person_reads_what_was_received_without_names_in_full(portal, settings):
    send(
        portal, settings.OUTBOX_SECRET, kind="case.number", key="n", caseNo=CASE,
        applyName="<b>王建国", applyCardNumber="330212197906259911",
    )  # fmt: skip
    send(portal, settings.OUTBOX_SECRET, **status(1, word="accepted"))
    with urllib.request.urlopen(f"{portal.url}/cases/", timeout=5) as answer:
        page = answer.read().decode()
    assert CASE in page and "受理" in page
    assert "197906259911" not in page and "<b>王" not in page


@pytest.mark.parametrize("mode", ["http_500", "down"])
def test_it_can_be_told_to_fail(portal, settings, mode):
    send(portal, settings.OUTBOX_SECRET, path="/_mock/cases/fault", mode=mode)
    with pytest.raises(urllib.error.HTTPError) as failed:
        send(portal, settings.OUTBOX_SECRET, **status(1))
    failed.value.close()
    send(portal, settings.OUTBOX_SECRET, path="/_mock/cases/fault", mode="ok")
    assert send(portal, settings.OUTBOX_SECRET, **status(1))["success"]
