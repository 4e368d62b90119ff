"""Papers: what is taken in, what is refused and how, and who may look."""

import io
import socket
import struct
import threading
import zipfile
from hashlib import sha256

import pytest
import typst
from django.db import IntegrityError, transaction
from PIL import Image

from accounts.models import Bureau
from accounts.roles import Role
from applications import (
    inquiry_answers,
    left_over,
    material_list,
    materials,
    paper_parts,
    paper_sweep,
    states,
)
from applications.materials import PaperRefused
from applications.models import Material, MaterialPage, Supplement
from applications.papers import scanning, store
from applications.papers.scanning import Verdict
from core import clock, display, workdays
from core.identity import ciphers
from core.models import AuditEntry, Notice
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db
ITEM = "MEMBERS"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "papers"


class Away:
    def scan(self, content):
        return Verdict.UNAVAILABLE


class Clean:
    def scan(self, content):
        return Verdict.CLEAN


class Infected:
    def scan(self, content):
        return Verdict.INFECTED


def scanner(settings, one):
    settings.PAPER_SCANNER = f"{__name__}.{one.__name__}"


def photo(wide=800, high=600, format="JPEG", seed=40, **saved):
    picture = Image.effect_noise((wide, high), seed).convert("RGB")
    kept = io.BytesIO()
    picture.save(kept, format, **saved)
    return kept.getvalue()


def pdf(pages=2, text="婚姻登记"):
    body = "#pagebreak()".join(f"{text} {n}" for n in range(pages))
    return typst.compile(body.encode(), format="pdf")


def draft():
    """A couple whose marriage no register knows: the paper is asked for."""
    row = make.application(2)
    for member in row.members.all():
        for source in ("marriage", "marriage_national"):
            make.evidence(row, source, member=member, status="no_record")
    return row


def files():
    from django.conf import settings

    return [one for one in settings.MEDIA_ROOT.glob("??/*") if one.is_file()]


# -- The list ----------------------------------------------------------------------------------


def test_the_list_says_free_late_or_open_by_what_the_registers_answered():
    row = draft()
    make.evidence(row, "property", status="no_record")
    make.evidence(row, "identity_card", status="found", rows=[{"xm": "x"}])
    make.evidence(row, "income_check", status="unavailable")
    by_key = {one.item.key: one for one in material_list.lines(row)}
    assert by_key["MEMBERS"].state == material_list.OPEN
    assert by_key["homes"].state == material_list.FREE and "免提交" in by_key["homes"].sentence
    assert "identity" not in by_key  # who signed in as themselves has shown who they are
    assert by_key["income"].state == material_list.WAITING
    assert "permit" not in by_key  # asked of no one who does not need it


def test_of_who_was_never_seen_the_register_shows_who_they_are_or_a_paper_does():
    row = make.application()
    row.created_by = accounts.citizen().user
    row.save()
    known = make.evidence(row, "identity_card", status="found", rows=[{"xm": "x"}])
    (line,) = material_list.lines(row)
    assert (line.item.key, line.state) == ("identity", material_list.FREE)
    known.status, known.rows = "no_record", []
    known.save()
    (line,) = material_list.lines(row)
    assert line.open and line.item.main and line.item.ways == ("upload",)


def test_a_late_register_is_not_asked_of_the_family():
    row = make.application(2)
    for member in row.members.all():
        make.evidence(row, "marriage", member=member, status="unavailable")
    assert material_list.left(row) == []


def test_of_what_nobody_is_asked_for_the_list_does_not_tell_which_register_knew():
    row = make.application()
    make.evidence(row, "low_income_aid", status="found", rows=[{"x": "1"}])
    make.evidence(row, "extreme_poverty", status="no_record")
    (line,) = material_list.lines(row)
    assert "低保" in line.sentence and "特困" in line.sentence


@pytest.mark.parametrize(
    "wrong",
    [
        {"ways": ("later",)},
        {"ways": ("promise",)},
        {"promise": "属实"},
        {"ways": ("later",), "listed": True, "main": True},
    ],
)
def test_an_item_that_contradicts_itself_is_refused(wrong):
    from applications.material_items import Item

    with pytest.raises(ValueError, match="x"):
        Item("x", "x", ("marriage",), "MEMBERS", **wrong)


# -- Taking in ---------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_drawn_anew_and_sealed(format):
    row = draft()
    paper = materials.add(row, ITEM, photo(format=format), by=row.created_by)
    page = paper.pages.get()
    assert paper.content_type == f"image/{format.lower()}"
    assert paper.state == Material.State.UNSCANNED  # none is configured: nothing is claimed
    kept = store.read(page.file)
    assert Image.open(io.BytesIO(kept)).format == "JPEG"
    raw = store.path_of(page.file).read_bytes()
    assert kept[:200] not in raw and b"JFIF" not in raw
    assert store.path_of(page.file).stat().st_mode & 0o077 == 0
    assert material_list.left(row)[0].state == material_list.GIVEN


def test_place_and_camera_in_a_photo_are_gone_and_it_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned on its side
    exif[0x010F] = "CAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    row = draft()
    paper = materials.add(row, ITEM, photo(800, 400, exif=exif), by=row.created_by)
    page = paper.pages.get()
    assert (page.width, page.height) == (400, 800)
    kept = store.read(page.file)
    assert b"CAMERA" not in kept and not dict(Image.open(io.BytesIO(kept)).getexif())


def test_every_page_of_a_pdf_becomes_a_picture_without_its_script():
    row = draft()
    content = pdf(3)
    at = content.rindex(b"trailer") if b"trailer" in content else len(content)
    script = b"\n99 0 obj <</S /JavaScript /JS (app.alert(1))>> endobj\n"
    paper = materials.add(row, ITEM, content[:at] + content[at:] + script, by=row.created_by)
    assert paper.content_type == "application/pdf" and paper.pages.count() == 3
    for page in paper.pages.all():
        kept = store.read(page.file)
        assert kept[:3] == b"\xff\xd8\xff" and b"JavaScript" not in kept


def polyglot():
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as archive:
        archive.writestr("evil.html", "<script>alert(1)</script>")
    return photo() + box.getvalue()


def test_of_a_picture_that_is_also_an_archive_only_the_picture_is_left():
    row = draft()
    paper = materials.add(row, ITEM, polyglot(), by=row.created_by)
    kept = store.read(paper.pages.get().file)
    assert b"PK\x03\x04" not in kept and b"script" not in kept


def bomb(side):
    kept = io.BytesIO()
    Image.new("1", (side, side)).save(kept, "PNG")
    return kept.getvalue()


RUBBISH = {
    "a text that calls itself a picture": (b"hello, I am a photo", "只能收照片"),
    "nothing": (b"", "空的"),
    "a drawing with script": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "只能收照片"),
    "an archive": (b"PK\x03\x04" + b"\0" * 100, "只能收照片"),
    "half a photo": (photo()[:4000], "打不开"),
    "a header alone": (b"\xff\xd8\xff\xe0", "打不开"),
    "half a pdf": (pdf()[:300], "打不开"),
    "a pdf in name": (b"%PDF-1.7\n%%EOF", "打不开"),
    "a bomb of pixels": (bomb(30000), "尺寸太大"),
    "a stamp": (photo(60, 60), "看不清"),
    "one colour": (photo(seed=0), "看不清"),
    "a phone's own format": (b"\0\0\0\x18ftypheic" + b"\0" * 64, "HEIC"),
}


@pytest.mark.parametrize("what", RUBBISH)
def test_rubbish_is_refused_in_a_sentence_and_nothing_stays(what):
    content, sentence = RUBBISH[what]
    row = draft()
    with pytest.raises(PaperRefused, match=sentence):
        materials.add(row, ITEM, content, by=row.created_by)
    assert not Material.objects.exists() and files() == []


def test_more_than_the_limit_is_refused_before_it_is_read(settings):
    settings.PAPER_MOST_BYTES = 1000
    row = draft()
    with pytest.raises(PaperRefused, match="最大"):
        materials.add(row, ITEM, photo(), by=row.created_by)


def test_an_item_holds_so_many_pages_and_no_more(settings):
    settings.PAPER_MOST_PAGES = 3
    row = draft()
    with pytest.raises(PaperRefused, match="最多3页"):
        materials.add(row, ITEM, pdf(4), by=row.created_by)
    materials.add(row, ITEM, pdf(2), by=row.created_by)
    with pytest.raises(PaperRefused, match="最多3页"):
        materials.add(row, ITEM, pdf(2, "另一份"), by=row.created_by)
    assert row.pages.count() == 2 and len(files()) == 2


def test_the_same_file_twice_is_one_paper():
    row, content = draft(), photo()
    assert materials.add(row, ITEM, content, by=row.created_by) == materials.add(
        row, ITEM, content, by=row.created_by
    )
    assert row.pages.count() == 1 and len(files()) == 1


def test_what_is_not_asked_for_is_not_taken():
    row = draft()
    with pytest.raises(PaperRefused, match="不用交"):
        materials.add(row, "permit", photo(), by=row.created_by)


# -- Pages -------------------------------------------------------------------------------------


def test_pages_are_turned_moved_replaced_and_removed():
    row = draft()
    materials.add(row, ITEM, photo(seed=30), by=row.created_by)
    materials.add(row, ITEM, photo(seed=50), by=row.created_by)
    first, second = materials.pages_of(row, ITEM)
    materials.turn(first, by=row.created_by)
    materials.move(first, by=row.created_by, forward=True)
    assert [one.pk for one in materials.pages_of(row, ITEM)] == [second.pk, first.pk]
    materials.move(first, by=row.created_by, forward=True)  # at the end it stays
    first.refresh_from_db()
    assert first.turn == 90
    materials.add(row, ITEM, photo(seed=60), by=row.created_by, instead_of=first)
    materials.remove(second, by=row.created_by)
    materials.remove(second, by=row.created_by)  # the other tab's click
    assert row.pages.count() == 1 and Material.objects.count() == 1


def test_replaced_in_two_tabs_both_new_pictures_are_kept_and_nothing_breaks():
    row = draft()
    old = materials.add(row, ITEM, photo(seed=30), by=row.created_by).pages.get()
    seen_there = MaterialPage.objects.get(pk=old.pk)
    for seen, seed in ((old, 50), (seen_there, 60)):
        materials.add(row, ITEM, photo(seed=seed), by=row.created_by, instead_of=seen)
    assert row.pages.count() == 2 and not row.pages.filter(pk=seen_there.pk).exists()


def test_a_file_is_destroyed_with_its_page(django_capture_on_commit_callbacks):
    row = draft()
    page = materials.add(row, ITEM, photo(), by=row.created_by).pages.get()
    with django_capture_on_commit_callbacks(execute=True):
        materials.remove(page, by=row.created_by)
    assert files() == []


def test_a_file_in_another_files_place_does_not_open():
    one, other = store.keep(b"one"), store.keep(b"other")
    store.path_of(other).write_bytes(store.path_of(one).read_bytes())
    with pytest.raises(store.PaperGone):
        store.read(other)
    for wrong in ("../../etc/passwd", "x" * 40, ""):
        with pytest.raises(ValueError, match="name"):
            store.path_of(wrong)


def test_sealed_content_needs_its_context():
    sealed = ciphers.seal(b"\xff\x00", context="a.b")
    assert ciphers.unseal(sealed, context="a.b") == b"\xff\x00"
    with pytest.raises(ciphers.CannotDecrypt):
        ciphers.unseal(sealed, context="a.c")


# -- The scanner -------------------------------------------------------------------------------


def test_an_infected_file_is_refused_and_kept_nowhere(settings):
    scanner(settings, Infected)
    row = draft()
    with pytest.raises(PaperRefused, match="带病毒"):
        materials.add(row, ITEM, photo(), by=row.created_by)
    assert files() == [] and not Material.objects.exists()
    assert AuditEntry.objects.get(verb="paper.infected").detail["item"] == ITEM


def test_while_the_scanner_is_away_the_case_goes_on_and_the_file_waits(settings):
    scanner(settings, Away)
    row = draft()
    paper = materials.add(row, ITEM, photo(), by=row.created_by)
    assert paper.state == Material.State.QUARANTINED and paper.file
    assert material_list.left(row)[0].state == material_list.GIVEN
    assert paper_sweep.scan_waiting() == 0
    scanner(settings, Clean)
    assert paper_sweep.scan_waiting() == 1
    paper.refresh_from_db()
    assert (paper.state, paper.file) == (Material.State.CLEAN, "") and paper.pages.count() == 1


def test_found_infected_later_it_goes_and_the_family_is_asked_again(settings):
    scanner(settings, Away)
    row = make.application(2, state=states.STREET_REVIEW)
    asked = Supplement.objects.create(
        application=row, item="silent-marriage-1", text="结婚证", due_on=clock.today()
    )
    paper = materials.add(row, asked.item, photo(), by=row.created_by)
    Supplement.objects.update(received_at=clock.now())
    scanner(settings, Infected)
    assert paper_sweep.scan_waiting() == 1
    asked.refresh_from_db()
    paper.refresh_from_db()
    assert paper.state == Material.State.INFECTED and not paper.pages.exists()
    assert asked.received_at is None and asked.due_on > clock.today()
    assert "结婚证" in Notice.objects.get(code="paper.infected").text
    scanner(settings, Clean)
    assert materials.add(row, asked.item, photo(seed=70), by=row.created_by).pages.count() == 1


class Daemon:
    """A clamd that answers as it is told; a real socket, a real INSTREAM."""

    def __init__(self, answer):
        self.answer, self.got = answer, b""
        self.door = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.door.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        line, _address = self.door.accept()
        with line:
            assert self._exactly(line, 10) == b"zINSTREAM\0"
            while size := struct.unpack(">I", self._exactly(line, 4))[0]:
                self.got += self._exactly(line, size)
            line.sendall(self.answer)

    @staticmethod
    def _exactly(line, count):
        got = b""
        while len(got) < count:
            got += line.recv(count - len(got))
        return got


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (b"stream: OK\0", Verdict.CLEAN),
        (b"stream: Eicar-Signature FOUND\0", Verdict.INFECTED),
        (b"INSTREAM size limit exceeded. ERROR\0", Verdict.UNAVAILABLE),
        (b"", Verdict.UNAVAILABLE),
    ],
)
def test_clamd_is_asked_over_its_socket(settings, answer, verdict):
    daemon, content = Daemon(answer), photo()
    settings.PAPER_SCANNER = "applications.papers.scanning.Clamd"
    settings.PAPER_SCANNER_ADDRESS = daemon.address
    assert scanning.scan(content) == verdict
    assert daemon.got == content
    daemon.door.close()


def test_a_clamd_that_is_not_there_is_away(settings):
    settings.PAPER_SCANNER_ADDRESS = "unix:/nowhere/clamd"
    assert scanning.Clamd().scan(b"x") == Verdict.UNAVAILABLE
    settings.PAPER_SCANNER_ADDRESS = "127.0.0.1:1"
    assert scanning.Clamd().scan(b"x") == Verdict.UNAVAILABLE


# -- In parts ----------------------------------------------------------------------------------


def begun(row, content):
    return paper_parts.begin(
        row, ITEM, by=row.created_by, size=len(content), digest=sha256(content).hexdigest()
    )


def test_a_cut_file_goes_on_where_it_stopped_and_parts_are_sealed():
    row, content = draft(), photo(2000, 1500, quality=95)
    half = begun(row, content)
    cut = paper_parts.PART // 2
    paper_parts.take(half, by=row.created_by, offset=0, content=content[:cut])
    assert all(content[:100] not in one.read_bytes() for one in files())
    again = begun(row, content)
    assert (again.pk, again.received) == (half.pk, cut)
    at = again.received
    while at < len(content):
        part = content[at : at + paper_parts.PART]
        at = paper_parts.take(half, by=row.created_by, offset=at, content=part).received
    done = paper_parts.finish(half, by=row.created_by)
    assert done.pk == half.pk and done.pages.count() == 1
    assert paper_parts.finish(half, by=row.created_by).pk == half.pk  # the second click
    assert begun(row, content).state == Material.State.UNSCANNED


def test_a_part_out_of_turn_is_told_where_the_file_stands():
    row, content = draft(), photo()
    half = begun(row, content)
    paper_parts.take(half, by=row.created_by, offset=0, content=content[:100])
    with pytest.raises(paper_parts.WrongOffset) as told:
        paper_parts.take(half, by=row.created_by, offset=0, content=content[:100])
    assert told.value.at == 100
    with pytest.raises(paper_parts.WrongOffset):
        paper_parts.finish(half, by=row.created_by)
    half.refresh_from_db()
    assert half.received == 100


def test_what_came_altered_is_forgotten():
    row, content = draft(), photo()
    half = begun(row, content)
    paper_parts.take(half, by=row.created_by, offset=0, content=b"x" * len(content))
    with pytest.raises(PaperRefused, match="没有传完整"):
        paper_parts.finish(half, by=row.created_by)
    assert not Material.objects.exists()


def test_half_files_of_yesterday_and_files_without_a_row_are_swept(
    settings, django_capture_on_commit_callbacks, monkeypatch
):
    row, content = draft(), photo()
    half = begun(row, content)
    paper_parts.take(half, by=row.created_by, offset=0, content=content[:100])
    Material.objects.update(touched_at=clock.now())
    store.keep(b"nobody's")
    kept = materials.add(row, ITEM, photo(seed=80), by=row.created_by).pages.get()
    assert paper_sweep.sweep() == (0, 0)
    settings.PAPER_HALF_HOURS = 0
    monkeypatch.setattr(paper_sweep, "_ORPHAN", 0.0)
    with django_capture_on_commit_callbacks(execute=True):
        forgotten, orphans = paper_sweep.sweep()
    assert forgotten == 1 and orphans >= 1
    assert [one.name for one in files()] == [kept.file]


# -- Who ---------------------------------------------------------------------------------------


def another_street(row):
    return Bureau.objects.of_kind("street").exclude(pk=row.street_id)[0]


def test_strangers_relatives_and_other_desks_hand_in_nothing():
    row = draft()
    stranger = accounts.citizen().user
    desk = accounts.staff(Role.REVIEWER).user
    other = accounts.staff(Role.WINDOW, bureau=another_street(row)).user
    for who in (stranger, desk, other):
        with pytest.raises(PaperRefused):
            materials.add(row, ITEM, photo(), by=who)
    assert not MaterialPage.objects.exists()


def test_a_look_carries_its_viewer_and_is_recorded():
    row = draft()
    page = materials.add(row, ITEM, photo(), by=row.created_by).pages.get()
    plain = Image.open(io.BytesIO(store.read(page.file))).convert("RGB")
    content = materials.picture(page, by=row.created_by, purpose="核对材料")
    marked = Image.open(io.BytesIO(content)).convert("RGB")
    assert marked.size == plain.size and content != store.read(page.file)
    entry = AuditEntry.objects.get(verb="looked")
    assert entry.purpose == "核对材料" and row.applicant.id_index in entry.subjects


def test_the_database_keeps_a_place_for_one_page_only():
    row = draft()
    paper = materials.add(row, ITEM, pdf(2), by=row.created_by)
    with pytest.raises(IntegrityError), transaction.atomic():
        MaterialPage.objects.filter(material=paper).update(turn=45)


def test_a_paper_may_follow_only_where_the_list_says_so():
    row = draft()
    (line,) = material_list.left(row)
    assert "later" in line.item.ways and line.item.listed
    assert left_over.items(row) == [line.item]


# -- Reminders -----------------------------------------------------------------------------------


def to_bring(days: int, **fields):
    row = make.application(state=states.STREET_REVIEW)
    due = workdays.add_workdays(clock.today(), days)
    return row, row.supplements.create(item="MEMBERS", text="结婚证", due_on=due, **fields)


def test_a_family_is_reminded_once_before_the_day():
    row, asked = to_bring(2)
    assert paper_sweep.remind(clock.today()) == 1
    assert paper_sweep.remind(clock.today()) == 0
    (told,) = Notice.objects.filter(code="paper.due_soon")
    assert "结婚证" in told.text and told.case_no == row.case_no
    asked.refresh_from_db()
    asked.due_on = workdays.add_workdays(clock.today(), 1)  # the day was moved
    asked.save()
    assert paper_sweep.remind(clock.today()) == 1


@pytest.mark.parametrize("days", [3, 10])
def test_nobody_is_reminded_too_early(days):
    to_bring(days)
    assert paper_sweep.remind(clock.today()) == 0


def test_what_was_brought_or_belongs_to_a_closed_case_reminds_nobody():
    to_bring(1, received_at=clock.now())
    row, _asked = to_bring(1)
    row.state = states.WITHDRAWN
    row.save()
    assert paper_sweep.remind(clock.today()) == 0


def test_the_list_of_a_correction_reminds_only_while_the_case_stands_in_it():
    row, asked = to_bring(1)
    Supplement.objects.filter(pk=asked.pk).update(item="correction-1")
    assert paper_sweep.remind(clock.today()) == 0
    row.state = states.CORRECTION
    row.save()
    assert paper_sweep.remind(clock.today()) == 1


def test_a_case_that_ends_while_the_reminders_go_out_reminds_nobody():
    row, _asked = to_bring(1)
    row.state = states.WITHDRAWN
    row.save()
    today = clock.today()
    assert not paper_sweep._remind(row.pk, today, workdays.add_workdays(today, 2))
    assert not Notice.objects.filter(code="paper.due_soon").exists()


# -- Thrown away after the scanner came back -----------------------------------------------------


def thrown_away(settings, row, item, **moved):
    """A paper that waited for the scanner is found infected after the case has moved on."""
    scanner(settings, Away)
    paper = materials.add(row, item, photo(), by=row.created_by)
    type(row).objects.filter(pk=row.pk).update(**moved)
    scanner(settings, Infected)
    assert paper_sweep.scan_waiting() == 1
    paper.refresh_from_db()
    assert paper.state == Material.State.INFECTED and not paper.pages.exists()


def test_thrown_away_after_the_end_nothing_is_asked_and_nobody_is_told(settings):
    row, asked = to_bring(5)
    thrown_away(settings, row, asked.item, state=states.WITHDRAWN, closed_at=clock.now())
    assert not Notice.objects.filter(code="paper.infected").exists()
    day = asked.due_on
    asked.refresh_from_db()
    assert asked.due_on == day


def test_an_answered_correction_is_not_opened_again_the_paper_follows(settings):
    row, asked = to_bring(5)
    Supplement.objects.filter(pk=asked.pk).update(item="correction-1", text="户口簿首页")
    row.state = states.CORRECTION
    row.save()
    asked.refresh_from_db()
    scanner(settings, Away)
    materials.add(row, "correction-1", photo(), by=row.created_by)
    Supplement.objects.update(received_at=clock.now())
    type(row).objects.filter(pk=row.pk).update(state=states.STREET_REVIEW)
    scanner(settings, Infected)
    assert paper_sweep.scan_waiting() == 1
    asked.refresh_from_db()
    row.refresh_from_db()
    assert asked.received_at is not None and row.state == states.STREET_REVIEW
    (again,) = inquiry_answers.open_supplements(row)
    assert again.text == "户口簿首页" and again.due_on > clock.today()
    assert display.day(again.due_on) in Notice.objects.get(code="paper.infected").text
    scanner(settings, Clean)
    materials.add(row, again.item, photo(seed=70), by=row.created_by)
    assert inquiry_answers.bring(row, by=row.created_by, answers={}) == [again]


def test_a_correction_that_still_runs_gets_one_later_day_for_its_whole_list(settings):
    row, asked = to_bring(0)
    Supplement.objects.filter(pk=asked.pk).update(item="correction-1")
    other = row.supplements.create(item="correction-2", text="合同", due_on=asked.due_on)
    thrown_away(settings, row, "correction-1", state=states.CORRECTION)
    asked.refresh_from_db()
    other.refresh_from_db()
    assert asked.due_on == other.due_on > clock.today() and asked.received_at is None
    assert display.day(asked.due_on) in Notice.objects.get(code="paper.infected").text
