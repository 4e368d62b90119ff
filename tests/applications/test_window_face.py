"""对客屏: who signs which words; the image is kept encrypted, with its digest, and checked."""

import base64
import struct
import zlib
from hashlib import sha256

import pytest
from django.db import IntegrityError, connection, transaction

from applications import consent, signatures, states
from applications.models import Consent, Signature
from core import clock
from core.models import AuditEntry
from tests.applications import at_window
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client):
    staff = accounts.staff("window", name="窗口甲")
    client.force_login(staff.user)
    return staff


@pytest.fixture
def relatives(monkeypatch):
    return at_window.family(monkeypatch)


def chunk(kind, content):
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def picture(width=4, height=2):
    """A white PNG."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = zlib.compress(b"".join(b"\0" + b"\xff" * width for _row in range(height)))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def data_url(content):
    return "data:image/png;base64," + base64.b64encode(content).decode()


def on_screen(client):
    """A case whose applicant is asked to sign on the second screen."""
    row, path = at_window.open_desk(client, agreed="", on_screen="on")
    client.get(path)
    return row, path


def sign(client, row, value, **changes):
    form = {"member": row.applicant.pk, "words": consent.text_digest(), "signature": value}
    return client.post("/window/face/sign/", {**form, **changes})


def test_nobody_is_asked_about_before_the_signature_and_then_the_household_appears(
    client, clerk, relatives, registers
):
    row, path = on_screen(client)
    assert not registers.asked and row.members.count() == 1 and not row.evidence.exists()
    text = client.get("/window/face/").content.decode()
    assert "请看过后签字" in text and "授权内容" in text
    assert sign(client, row, data_url(picture())).url == "/window/face/"
    assert row.members.count() == 3 and row.evidence.exists()
    assert "请看过后签字" not in client.get("/window/face/").content.decode()
    assert "周二" in client.get(path).content.decode()


def test_the_image_is_kept_encrypted_with_its_digest_and_the_words(
    client, clerk, relatives, registers
):
    row, _path = on_screen(client)
    sign(client, row, data_url(picture()))
    kept = Signature.objects.get()
    assert kept.kind == "pad" and base64.b64decode(kept.image) == picture()
    assert kept.image_digest == sha256(picture()).hexdigest()
    assert kept.text_digest == kept.consent.text_digest == consent.text_digest()
    assert kept.witnessed_by == clerk and kept.consent.method == Consent.Method.WINDOW
    with connection.cursor() as cursor:
        cursor.execute("SELECT image FROM applications_signature")
        (stored,) = cursor.fetchone()
    assert picture() not in bytes(stored) and b"iVBOR" not in bytes(stored)
    entry = AuditEntry.objects.get(verb="consent.signed")
    assert entry.detail["kind"] == "pad" and entry.detail["image"] == kept.image_digest


def test_a_typed_name_signs_where_no_pen_can_be_held(client, clerk, relatives, registers):
    row, _path = on_screen(client)
    answer = sign(client, row, "林二")
    assert answer.status_code == 422 and "请输入「林一」" in answer.content.decode()
    assert not Signature.objects.exists() and not registers.asked
    sign(client, row, "林一")
    assert Signature.objects.get().kind == "typed"


@pytest.mark.parametrize(
    "value",
    [
        "data:image/png;base64,!!!!",
        "data:image/png;base64," + base64.b64encode(b"GIF89a" + b"0" * 40).decode(),
        "data:image/svg+xml;base64," + base64.b64encode(b"<svg/>").decode(),
        data_url(picture(9000, 1)),
        "data:image/png;base64," + "A" * 500_000,
    ],
)
def test_what_is_no_signature_is_refused_and_changes_nothing(
    client, clerk, relatives, registers, value
):
    row, _path = on_screen(client)
    answer = sign(client, row, value)
    assert answer.status_code == 422 and "也可以在纸上签字" in answer.content.decode()
    assert not Consent.objects.exists() and not Signature.objects.exists()


def test_other_words_than_those_on_the_screen_are_not_signed(client, clerk, relatives, registers):
    row, _path = on_screen(client)
    answer = sign(client, row, "林一", words="0" * 64)
    assert answer.status_code == 422 and "授权文本刚才更新过" in answer.content.decode()
    assert not Consent.objects.exists()


def test_only_the_member_who_was_asked_signs(client, clerk, relatives, registers):
    row, path = at_window.open_desk(client)
    spouse = row.members.get(relation="10")
    client.get(path)
    sign(client, row, "周二", member=spouse.pk)
    assert not spouse.consents.exists()
    client.post(f"{path}consent/", {"member": spouse.pk, "on_screen": "1"})
    assert "周二" in client.get("/window/face/").content.decode()
    sign(client, row, "周二", member=spouse.pk)
    assert spouse.consents.get().signature.kind == "typed"


def test_the_guardian_signs_for_the_child(client, clerk, relatives, registers):
    row, path = at_window.open_desk(client)
    child = row.members.get(relation="20")
    client.post(f"{path}consent/", {"member": child.pk, "on_screen": "1"})
    assert "监护人签名（为林三）" in client.get("/window/face/").content.decode()
    sign(client, row, "林一", member=child.pk)
    assert child.consents.get().method == Consent.Method.GUARDIAN


def test_a_signature_on_paper_is_recorded_as_such(client, clerk, relatives, registers):
    row, path = at_window.open_desk(client)
    spouse = row.members.get(relation="10")
    for _click in range(2):
        client.post(f"{path}consent/", {"member": spouse.pk})
    kept = spouse.consents.get().signature
    assert kept.kind == "paper" and kept.image is None
    assert row.applicant.consents.get().signature.kind == "paper"


def test_polling_says_nothing_until_something_changes(client, clerk, relatives, registers):
    row, path = on_screen(client)
    token = client.get("/window/face/").context["token"]
    assert client.get(f"/window/face/state/?seen={token}").status_code == 204
    desk = client.get(path).context["signed_url"]
    assert client.get(desk).status_code == 204
    sign(client, row, "林一")
    assert client.get(f"/window/face/state/?seen={token}").status_code == 200
    answer = client.get(desk)
    assert answer.status_code == 286 and answer["HX-Trigger"] == "window-signed"


def test_a_screen_that_asks_by_itself_keeps_no_session_alive(client, clerk, relatives, registers):
    _row, path = on_screen(client)
    for page in ("/window/face/", path):
        text = client.get(page).content.decode()
        assert text.count("hx-get") == text.count("X-Poll") > 0


def test_parking_and_advice_blank_the_second_screen(client, clerk, relatives, registers):
    for leave in ("park", "consult", "day", "employers"):
        row, path = at_window.open_desk(client)
        client.get(path)
        assert "林一" in client.get("/window/face/").content.decode()
        if leave == "park":
            client.post(f"{path}park/")
        else:
            client.get(f"/window/{leave}/")
        assert "林一" not in client.get("/window/face/").content.decode()
        row.delete()


def test_the_clerks_own_household_does_not_sign_here(client, clerk, relatives, registers):
    row, _path = on_screen(client)
    clerk.id_index = row.applicant.id_index
    clerk.save(update_fields=["id_index"])
    assert sign(client, row, "林一").status_code == 403
    assert not Consent.objects.exists()


def test_who_agreed_on_the_phone_gets_no_paper_that_never_was(clerk):
    row = make.application(1, state=states.DRAFT)
    given = row.applicant.consents.get()
    assert signatures.on_paper(row.applicant, by=clerk) is None
    assert row.applicant.consents.get() == given and not Signature.objects.exists()


@pytest.mark.parametrize(("kind", "image"), [("pad", None), ("paper", "iVBOR"), ("typed", "iVBOR")])
def test_the_database_keeps_an_image_for_the_pad_and_for_nothing_else(clerk, kind, image):
    given = make.application(1).applicant.consents.get()
    with pytest.raises(IntegrityError, match="signature_pad_has_image"), transaction.atomic():
        Signature.objects.create(
            consent=given, kind=kind, image=image, text_digest="0" * 64,
            signed_at=clock.now(), witnessed_by=clerk,
        )  # fmt: skip


def test_what_was_signed_before_is_not_signed_twice(clerk):
    row = make.application(1, state=states.DRAFT, consents=False)
    first = signatures.on_paper(row.applicant, by=clerk)
    again = signatures.sign(
        row.applicant, row.applicant.name, words=consent.text_digest(), by=clerk
    )
    assert first == again and Signature.objects.count() == 1
