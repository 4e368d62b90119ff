#!/usr/bin/env python3
# ruff: noqa: B905, RUF007, UP031 - Python 3.8 has neither strict= nor a reason for f-strings in pairs
"""核验一次摇号 / Check one housing draw (protocol YZ-DRAW-1).

    python3 yz_draw_verify.py bundle.zip            每一项检查是否通过
    python3 yz_draw_verify.py folder T000123        再看某个号牌的结果
    python3 yz_draw_verify.py bundle.zip --en       the same in English
    python3 yz_draw_verify.py bundle.zip --json     for programs

One file, the standard library alone (Python 3.8 or newer); needs no network, and shares no
code with the platform. Exit status 0 only when every check passes.
"""

import gc
import hashlib
import hmac
import json
import os
import re
import stat
import struct
import sys
import zlib

FILES = ("roster.json", "reveal.json", "result.json")
LIMIT = 64 * 1024 * 1024
BRACKETS = 2000000
DEPTH = 16
SAFE = 2**53 - 1

TITLES = {
    "files": ("恰好三个文件", "exactly three files"),
    "canonical_roster": ("名册的写法唯一", "roster.json is in canonical bytes"),
    "canonical_reveal": ("揭晓文件的写法唯一", "reveal.json is in canonical bytes"),
    "canonical_result": ("结果文件的写法唯一", "result.json is in canonical bytes"),
    "fields_roster": ("名册的内容齐全、已排序", "roster.json is complete and sorted"),
    "fields_reveal": ("揭晓文件的内容齐全", "reveal.json is complete"),
    "fields_result": ("结果文件的内容齐全", "result.json is complete"),
    "same_round": ("几个文件属于同一轮", "all files belong to one round"),
    "roster_digest": ("名册的摘要一致", "the roster's digest agrees"),
    "entropy_format": ("公开事件的数值符合事先定下的格式", "the public value has the fixed format"),
    "commitment": ("密数就是事先封存的那一个", "the secret is the one committed to"),
    "seed": ("种子可以重新算出", "the seed follows"),
    "order": ("摇号顺序一致", "the order follows"),
    "assignment": ("房源分配一致", "the assignment follows"),
    "no_home_twice": ("没有一套房分给两户", "no home is given twice"),
    "no_ticket_twice": ("没有一个号牌出现两次", "no ticket is drawn twice"),
    "homes_permitted": (
        "分到的房都在名册里，户型符合",
        "every home is in the roster and permitted",
    ),
    "entrants_complete": ("没有漏掉或多出一户", "no entrant is missing or added"),
}


class Bad(Exception):
    """Something is not as the protocol says: (Chinese, English)."""


def need(condition, zh, en):
    if not condition:
        raise Bad(zh, en)


# --- Reading the bundle ---------------------------------------------------------------


def read_bundle(path):
    """The bytes of the three files, from a folder or a zip."""
    try:
        if os.path.isdir(path):
            names = sorted(os.listdir(path))
            need(
                names == sorted(FILES),
                "文件夹里应恰好有三个文件",
                "a folder has just the three files",
            )
            return {name: read_plain(os.path.join(path, name)) for name in FILES}
        return read_zip(path)
    except (OSError, ValueError, zlib.error) as error:
        raise Bad("读不出来", "cannot be read: " + type(error).__name__) from None
    except MemoryError:
        raise Bad("文件过大", "too large to hold") from None


def read_plain(path):
    need(stat.S_ISREG(os.lstat(path).st_mode), "只能是普通文件", "must be plain files, not links")
    with open(path, "rb") as file:
        data = file.read(LIMIT + 1)
    need(len(data) <= LIMIT, "文件过大", "a file is too large")
    return data


def read_zip(path):
    regular = stat.S_ISREG(os.stat(path).st_mode)
    need(regular, "不是文件夹也不是压缩包", "neither a folder nor a zip")
    need(os.path.getsize(path) <= 3 * LIMIT + 4096, "文件过大", "the file is too large")
    with open(path, "rb") as file:
        data = file.read(3 * LIMIT + 4097)
    try:
        return Zip(data).files()
    except (struct.error, IndexError):
        raise Bad("不是合格的压缩包", "not a sound zip") from None


def sound(condition):
    need(condition, "不是合格的压缩包", "not a sound zip")


class Zip:
    """Three plain files, stored or deflated; whatever else a zip may hold is refused."""

    def __init__(self, data):
        self.data, self.end = data, len(data) - 22
        sound(self.end >= 0 and data[self.end : self.end + 4] == b"PK\5\6")

    def numbers(self, form, at):
        return struct.unpack_from("<" + form, self.data, at)

    def files(self):
        disk, first, here, total, size, at, comment = self.numbers("4H2LH", self.end + 4)
        sound(disk == first == comment == 0 and here == total and at + size == self.end)
        need(total == 3, "压缩包里应恰好有三个文件", "a zip has just the three files")
        found = {}
        for _ in FILES:
            at = self.member(at, found)
        sound(at == self.end)
        return found

    def member(self, at, found):
        """Reads the file that the directory names at this place; where the next one is named."""
        sound(self.data[at : at + 4] == b"PK\1\2")
        flags, method = self.numbers("2H", at + 8)
        crc, packed, length, n_name, n_extra, n_note = self.numbers("3L3H", at + 16)
        mode, local = self.numbers("2L", at + 38)
        name = self.data[at + 46 : at + 46 + n_name]
        known = [one for one in FILES if one.encode() == name and one not in found]
        need(known, "压缩包里有别的文件", "another file is in the zip")
        need(mode >> 28 in (0, 8), "只能是普通文件", "must be plain files, not links")
        sound(method in (0, 8) and not flags & 0x2041 and max(packed, length) <= LIMIT)
        content = self.content(local, name, method, packed, length)
        damaged = len(content) != length or zlib.crc32(content) != crc
        need(not damaged, "压缩包损坏", "the zip is damaged")
        found[known[0]] = content
        return at + 46 + n_name + n_extra + n_note

    def content(self, at, name, method, packed, length):
        n_name, n_extra = self.numbers("2H", at + 26)
        start = at + 30 + n_name + n_extra
        sound(self.data[at : at + 4] == b"PK\3\4" and self.numbers("H", at + 8) == (method,))
        sound(self.data[at + 30 : at + 30 + n_name] == name)
        raw = self.data[start : start + packed]
        sound(len(raw) == packed)
        if method == 0:
            return raw
        inflater = zlib.decompressobj(-15)
        content = inflater.decompress(raw, length + 1)
        sound(inflater.eof and not inflater.unused_data)
        return content


# --- Canonical JSON, written out by hand ----------------------------------------------

SHORT = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}
ESCAPES = {code: SHORT.get(code, "\\u%04x" % code) for code in [*range(32), 34, 92]}
SPECIAL = re.compile('[\x00-\x1f"\\\\]')


class Quoted(dict):
    """text -> its canonical JSON, worked out once for each text."""

    def __missing__(self, text):
        escaped = text.translate(ESCAPES) if SPECIAL.search(text) else text
        self[text] = found = '"' + escaped + '"'
        return found


def write(value, quoted):
    """The canonical text of a JSON value; texts, the most of it, are taken on the spot."""
    kind = type(value)
    if kind is str:
        return quoted[value]
    if value is True:
        return "true"
    if value is False:
        return "false"
    if kind is int:
        return str(value)
    if kind is dict:
        texts = []
        for key in sorted(value):
            member = value[key]
            text = quoted[member] if type(member) is str else write(member, quoted)
            texts += (",", quoted[key], ":", text)
        return "{" + "".join(texts[1:]) + "}"
    if kind is list:
        texts = [quoted[one] if type(one) is str else write(one, quoted) for one in value]
        return "[" + ",".join(texts) + "]"
    need(value is None, "含有小数等不允许的值", "holds a value that is not allowed")
    return "null"


def canonical(value):
    return write(value, Quoted()).encode("utf-8")


def no_such_number(text):
    raise Bad("含有不允许的数字 " + text[:20], "holds the number %s, not allowed" % text[:20])


def whole_number(text):
    """A number that every reader of JSON keeps exactly; a long one is not even looked at."""
    if len(text) > 17 or not -SAFE <= int(text) <= SAFE:
        no_such_number(text)
    return int(text)


def load(data):
    """The JSON value in the bytes."""
    need(len(data) <= LIMIT, "文件过大", "a file is too large")
    need(data.count(b"{") + data.count(b"[") <= BRACKETS, "内容过多", "too many values")
    try:
        return json.loads(
            data.decode("utf-8"),
            parse_int=whole_number, parse_float=no_such_number, parse_constant=no_such_number,
        )  # fmt: skip
    except (ValueError, RecursionError, MemoryError) as error:
        raise Bad("不是合格的 JSON", "not JSON: " + type(error).__name__) from None


def depth(data):
    """How deep the brackets outside of texts are nested."""
    now = most = 0
    for sign in re.findall(rb'"(?:[^"\\]|\\.)*"|[][{}]', data, re.DOTALL):
        if sign in (b"[", b"{"):
            now += 1
            most = max(most, now)
        elif sign in (b"]", b"}"):
            now -= 1
    return most


def is_canonical(value, data):
    try:
        return canonical(value) == data
    except (UnicodeEncodeError, RecursionError, ValueError):
        return False


# --- The permitted content ------------------------------------------------------------

LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
DIGITS = frozenset("0123456789")
HEX = DIGITS | frozenset("abcdef")
ID = re.compile(r"[A-Za-z0-9/_.-]{1,64}\Z")


KNOWN = set()  # names found good before: the same few estates stand in every row


def is_id(v):
    return type(v) is str and (v in KNOWN or is_new_id(v))


def is_new_id(v):
    good = ID.match(v) is not None
    if good:
        KNOWN.add(v)
    return good


def is_hex(v):
    return type(v) is str and len(v) == 64 and HEX.issuperset(v)


def is_ids(v):
    return type(v) is list and all(map(is_id, v))


def is_types(v):
    return is_ids(v) and 1 <= len(v) <= 64


def is_int(v):
    return type(v) is int and -SAFE <= v <= SAFE


def is_bool(v):
    return type(v) is bool


def is_text(v):
    whole = type(v) is str and not any("\ud800" <= c <= "\udfff" for c in v)
    return whole and 1 <= len(v) <= 4096


def is_list(v):
    return type(v) is list


def is_dict(v):
    return type(v) is dict


def is_digits(v, low, high):
    return low <= len(v) <= high and DIGITS.issuperset(v)


def is_area(v):
    if type(v) is not str:
        return False
    whole, dot, rest = v.partition(".")
    good = is_digits(whole, 1, 6) and (whole == "0" or whole[0] != "0")
    return good and (is_digits(rest, 1, 4) if dot else True)


def is_moment(v):
    """2026-12-01T10:00:00+08:00"""
    if type(v) is not str or len(v) not in (20, 25):
        return False
    zone = v[19:]
    digits = v[0:4] + v[5:7] + v[8:10] + v[11:13] + v[14:16] + v[17:19]
    marks = v[4] + v[7] + v[10] + v[13] + v[16]
    if zone != "Z":
        if len(zone) != 6 or zone[0] not in "+-" or zone[3] != ":":
            return False
        if not is_digits(zone[1:3] + zone[4:6], 4, 4) or zone[1:3] > "23" or zone[4:6] > "59":
            return False
    return (
        marks == "--T::" and is_digits(digits, 14, 14)
        and "01" <= v[5:7] <= "12" and "01" <= v[8:10] <= "31"
        and v[11:13] <= "23" and v[14:16] <= "59" and v[17:19] <= "59"
    )  # fmt: skip


def is_protocol(v):
    return v == "YZ-DRAW-1"


ROSTER = {
    "protocol": is_protocol, "round": is_text, "entrants": is_list, "homes": is_list,
    "policy": is_text, "entropy_source": is_dict, "secret_commitment": is_hex,
}  # fmt: skip
SOURCE = {"name": is_text, "at": is_moment, "format": is_text, "example": is_text}
ENTRANT = {
    "ticket": is_id, "tier": is_int, "unit_types": is_types, "needs_accessible": is_bool,
    "preferences": is_ids, "any_estate": is_bool,
}  # fmt: skip
HOME = {
    "home": is_id, "estate": is_id, "unit_type": is_id, "accessible": is_bool,
    "area": is_area, "floor": is_int,
}  # fmt: skip
REVEAL = {"entropy": is_text, "secret": is_hex, "seed": is_hex}
RESULT = {
    "protocol": is_protocol, "roster_sha256": is_hex, "round": is_text, "seed": is_hex,
    "assignments": is_list,
}  # fmt: skip
ROW = {"position": is_int, "ticket": is_id, "home": lambda v: v is None or is_id(v)}


def obey(value, rules, where):
    need(is_dict(value), where + "不是对象", where + " is not an object")
    if set(value) != set(rules):
        raise Bad(where + "的字段不对", where + " has other keys than it should")
    for name, rule in rules.items():
        if not rule(value[name]):
            raise Bad("%s 的 %s 不对" % (where, name), "%s has a wrong %s" % (where, name))


def obey_rows(rows, rules, where):
    """As `obey` for each row; column by column first, which is quicker for a large table."""
    names = set(rules)
    same_keys = all(type(row) is dict and row.keys() == names for row in rows)
    if same_keys and all(all(map(rules[n], [row[n] for row in rows])) for n in names):
        return
    for row in rows:
        obey(row, rules, where)


def check_roster(roster):
    obey(roster, ROSTER, "roster")
    source = roster["entropy_source"]
    obey(source, SOURCE, "entropy_source")
    fits = matches(source["format"], source["example"])
    need(fits, "示例不符合格式", "the example does not have its own format")
    for part, rules, id_name in (("entrants", ENTRANT, "ticket"), ("homes", HOME, "home")):
        rows = roster[part]
        obey_rows(rows, rules, part)
        for a, b in zip(rows, rows[1:]):
            if not a[id_name] < b[id_name]:
                raise Bad(b[id_name] + " 重复或没有排序", b[id_name] + " repeated or out of order")


def check_result(result):
    obey(result, RESULT, "result")
    obey_rows(result["assignments"], ROW, "assignments")


# --- The format of the public value ---------------------------------------------------

META = frozenset("\\^$.|?*+()[]{}")
PRINTABLE = frozenset(map(chr, range(32, 127)))
MARKS = PRINTABLE - LETTERS - DIGITS - {" "}


def wrong_format():
    raise Bad("格式的写法不允许", "the format is written in a way that is not allowed")


def matches(pattern, text):
    """Walk pattern and text together: literals, [classes] and {n} between ^ and $."""
    if len(pattern) < 2 or pattern[0] != "^" or pattern[-1] != "$":
        wrong_format()
    body, i, j, good = pattern[1:-1], 0, 0, True
    while i < len(body):
        allowed, i = take_class(body, i + 1) if body[i] == "[" else take_literal(body, i, META)
        count, i = take_count(body, i)
        part = text[j : j + count]
        good = good and len(part) == count and allowed.issuperset(part)
        j += count
    return good and j == len(text)


def take_literal(body, i, special):
    if i >= len(body):
        wrong_format()
    if body[i] == "\\":
        if body[i + 1 : i + 2] not in MARKS:
            wrong_format()
        return frozenset(body[i + 1]), i + 2
    if body[i] in special or body[i] not in PRINTABLE:
        wrong_format()
    return frozenset(body[i]), i + 1


def take_class(body, i):
    allowed = set()
    if body[i : i + 1] == "-":
        allowed.add("-")
        i += 1
    while body[i : i + 1] != "]":
        if body[i : i + 2] == "-]":
            return frozenset(allowed | {"-"}), i + 2
        first, i = take_literal(body, i, frozenset("\\^[]-"))
        last = first
        if body[i : i + 1] == "-" and body[i : i + 2] != "-]":
            last, i = take_literal(body, i + 1, frozenset("\\^[]-"))
        low, high = ord(min(first)), ord(min(last))
        if low > high:
            wrong_format()
        allowed.update(map(chr, range(low, high + 1)))
    if not allowed:
        wrong_format()
    return frozenset(allowed), i + 1


def take_count(body, i):
    if body[i : i + 1] != "{":
        return 1, i
    end = body.find("}", i)
    number = body[i + 1 : max(end, 0)]
    if not is_digits(number, 1, 4) or number[0] == "0":
        wrong_format()
    return int(number), end + 1


# --- The draw itself ------------------------------------------------------------------


class Free:
    """The free homes of one place by kind (type and accessibility), each kind by rank."""

    def __init__(self):
        self.kinds = {}

    def first(self, kinds, taken):
        """The smallest free rank among these kinds, or None; what is used up is dropped."""
        best = None
        for kind in kinds:
            ranks = self.kinds.get(kind)
            if ranks is None:
                continue
            while ranks and ranks[-1] in taken:
                ranks.pop()
            if not ranks:
                del self.kinds[kind]
            elif best is None or ranks[-1] < best:
                best = ranks[-1]
        return best


def key_of(seed, kind, name):
    return hmac.digest(seed, (kind + "\0" + name).encode(), "sha256")


def compute(roster, seed):
    """[(ticket, home or None)] in drawn order."""
    entrants = [
        (e["tier"], key_of(seed, "entrant", e["ticket"]), e["ticket"], n)
        for n, e in enumerate(roster["entrants"])
    ]
    entrants = [roster["entrants"][item[3]] for item in sorted(entrants)]
    homes = [(key_of(seed, "home", h["home"]), h["home"], n) for n, h in enumerate(roster["homes"])]
    homes = [roster["homes"][item[2]] for item in sorted(homes)]
    everywhere, estates, taken = Free(), {}, set()
    for rank in reversed(range(len(homes))):  # the smallest rank last, where it is at hand
        home = homes[rank]
        kind = (home["unit_type"], home["accessible"])
        for place in (everywhere, estates.setdefault(home["estate"], Free())):
            place.kinds.setdefault(kind, []).append(rank)

    def choose(entrant, access):
        kinds = [(t, a) for t in entrant["unit_types"] for a in access]
        places = [estates[name] for name in entrant["preferences"] if name in estates]
        if entrant["any_estate"]:
            places.append(everywhere)
        for place in places:
            if not place.kinds:
                continue
            found = place.first(kinds, taken)
            if found is not None:
                taken.add(found)
                return found
        return None

    given = {}
    for entrant in entrants:  # phase 1
        found = None
        if entrant["needs_accessible"]:
            found = choose(entrant, [True])
        if found is None:
            found = choose(entrant, [False])
        given[entrant["ticket"]] = found
    for entrant in entrants:  # phase 2
        if given[entrant["ticket"]] is None:
            given[entrant["ticket"]] = choose(entrant, [True, False])
    return [(t, None if r is None else homes[r]["home"]) for t, r in given.items()]


# --- The checks -----------------------------------------------------------------------


class Checker:
    def __init__(self, files):
        self.files, self.done = files, {}
        self.value = {}

    def run(self):
        """{name: None or (Chinese, English)} for every check, in the order of the protocol."""
        for part in ("roster", "reveal", "result"):
            self.read(part)
        self.compare("same_round", self.same_round)
        self.compare("roster_digest", self.roster_digest)
        self.compare("entropy_format", self.entropy_format)
        self.compare("commitment", self.commitment)
        self.expected = None
        self.compare("seed", self.seed)
        for name in ("order", "assignment"):
            self.compare(name, getattr(self, name))
        self.compare("no_home_twice", lambda: self.unique("home"))
        self.compare("no_ticket_twice", lambda: self.unique("ticket"))
        self.compare("homes_permitted", self.homes_permitted)
        self.compare("entrants_complete", self.entrants_complete)
        self.done["files"] = None
        return {name: self.done[name] for name in TITLES}

    def read(self, part):
        data = self.files[part + ".json"]
        try:
            value = load(data)
        except Bad as bad:
            self.done["canonical_" + part] = self.done["fields_" + part] = bad.args
            return
        odd = ("写法不是唯一规定的那一种", "not the canonical spelling")
        try:
            self.done["canonical_" + part] = None if is_canonical(value, data) else odd
        except Bad as bad:
            self.done["canonical_" + part] = bad.args
        try:
            check = {"roster": check_roster, "result": check_result}.get(part)
            check(value) if check else obey(value, REVEAL, part)
            self.done["fields_" + part] = None
            self.value[part] = value
        except Bad as bad:
            self.done["fields_" + part] = bad.args
        self.refuse_deep(part, data)

    def refuse_deep(self, part, data):
        """Where something is wrong: is it nested so deeply that readers differ about it?"""
        names = ("canonical_" + part, "fields_" + part)
        if any(self.done[name] for name in names) and depth(data) > DEPTH:
            self.done.update(dict.fromkeys(names, ("层次太深", "nested too deeply")))
            self.value.pop(part, None)

    def compare(self, name, check):
        try:
            check()
            self.done[name] = None
        except Bad as bad:
            self.done[name] = bad.args
        except KeyError:
            self.done[name] = ("因前面的问题无法核对", "cannot be checked because of the above")

    def same_round(self):
        a, b = self.value["roster"], self.value["result"]
        same = a["round"] == b["round"] and a["protocol"] == b["protocol"]
        need(same, "轮次不同", "the rounds differ")

    def roster_digest(self):
        self.value["roster"]
        actual = hashlib.sha256(self.files["roster.json"]).hexdigest()
        need(
            self.value["result"]["roster_sha256"] == actual, "应为 " + actual, "should be " + actual
        )

    def entropy_format(self):
        source = self.value["roster"]["entropy_source"]
        fits = matches(source["format"], self.value["reveal"]["entropy"])
        need(fits, "数值不符合格式", "the value does not have the format")

    def commitment(self):
        actual = hashlib.sha256(bytes.fromhex(self.value["reveal"]["secret"])).hexdigest()
        same = self.value["roster"]["secret_commitment"] == actual
        need(same, "密数不是封存的那一个", "another secret was committed to")

    def seed(self):
        roster, reveal = self.value["roster"], self.value["reveal"]
        message = b"YZ-DRAW-1\0" + hashlib.sha256(self.files["roster.json"]).digest()
        message += bytes.fromhex(reveal["secret"]) + reveal["entropy"].encode("utf-8")
        seed = hashlib.sha256(message).digest()
        self.expected = compute(roster, seed)
        for part in (reveal, self.value["result"]):
            need(part["seed"] == seed.hex(), "应为 " + seed.hex(), "should be " + seed.hex())

    def rows(self):
        rows = self.value["result"]["assignments"]
        self.value["roster"]
        return rows

    def draw(self):
        if self.expected is None:
            raise KeyError("draw")
        return self.expected

    def order(self):
        found = [(row["position"], row["ticket"]) for row in self.rows()]
        wanted = [(index + 1, pair[0]) for index, pair in enumerate(self.draw())]
        for a, b in zip(found, wanted):
            if a != b:
                raise Bad("第 %d 位应为 %s" % b, "position %d should be %s" % b)
        need(len(found) == len(wanted), "户数不对", "the number of positions is wrong")

    def assignment(self):
        wanted = dict(self.draw())
        rows = self.rows()
        for row in rows:
            t = row["ticket"]
            same = t not in wanted or wanted[t] == row["home"]
            if not same:
                raise Bad("%s 应为 %s" % (t, wanted[t]), "%s should get %s" % (t, wanted[t]))
        all_there = {row["ticket"] for row in rows} >= set(wanted)
        need(all_there, "有号牌缺少分配", "some tickets have no row")

    def unique(self, name):
        seen = set()
        for row in self.value["result"]["assignments"]:
            v = row[name]
            if v is not None and v in seen:
                raise Bad("%s 出现两次" % v, "%s appears twice" % v)
            seen.add(v)

    def homes_permitted(self):
        kind = {h["home"]: h["unit_type"] for h in self.value["roster"]["homes"]}
        may = {e["ticket"]: e["unit_types"] for e in self.value["roster"]["entrants"]}
        for row in self.rows():
            if row["home"] is not None:
                fine = kind.get(row["home"]) in may.get(row["ticket"], ())
                need(fine, row["home"] + " 不该分给这一户", row["home"] + " is not permitted")

    def entrants_complete(self):
        entered = {e["ticket"] for e in self.value["roster"]["entrants"]}
        drawn = {row["ticket"] for row in self.rows()}
        odd = sorted(entered ^ drawn)
        need(not odd, "漏掉或多出 %s" % odd[:1], "missing or added: %s" % odd[:1])


def verify(path):
    """({check: None or (Chinese, English)}, Checker or None)"""
    try:
        checker = Checker(read_bundle(path))
    except Bad as bad:
        unread = ("没有可核对的文件", "nothing to check")
        return {name: bad.args if name == "files" else unread for name in TITLES}, None
    return checker.run(), checker


# --- Output ---------------------------------------------------------------------------


def report(checks, english):
    words = ("pass", "FAIL") if english else ("通过  ", "不通过")
    for name, fault in checks.items():
        line = "%s  %s" % (words[fault is not None], TITLES[name][english])
        print(line if fault is None else line + ("  " + fault[english]))
    good = all(fault is None for fault in checks.values())
    ends = (
        ("全部通过：这次结果就是由公布的名册、密数和公开事件算出来的。",
         "All passed: the result follows from the published roster, secret and public event."),
        ("有检查没有通过：这份材料不能证明这次结果。",
         "Some checks failed: this bundle does not prove the result."),
    )  # fmt: skip
    print("\n" + ends[not good][english])
    return good


def report_facts(checker, english):
    """What the reader compares with the announcements, for no program can know those."""
    roster, reveal = checker.value["roster"], checker.value["reveal"]
    print(("请与定稿公告、公开事件对照：", "Compare with what was announced:")[english])
    source = roster["entropy_source"]
    facts = (
        (("轮次", "round"), roster["round"]),
        (("名册摘要", "roster digest"), checker.value["result"]["roster_sha256"]),
        (("公开事件", "public event"), source["name"] + " " + source["at"]),
        (("公开数值", "public value"), reveal["entropy"]),
    )
    for names, value in facts:
        print("  %s: %s" % (names[english], value))


def report_ticket(checker, ticket, english):
    rows = checker.value["result"]["assignments"]
    row = next((row for row in rows if row["ticket"] == ticket), None)
    if row is None:
        print(("没有号牌 %s", "There is no ticket %s")[english] % ticket)
    else:
        reserve = ("候补", "reserve list")[english]
        said = ("号牌 %s：第 %d 位，%s", "Ticket %s: position %d, %s")[english]
        print(said % (ticket, row["position"], row["home"] or reserve))


def main(arguments):
    names = [a for a in arguments if not a.startswith("--")]
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    if not 1 <= len(names) <= 2:
        print(__doc__)
        return 2
    gc.disable()  # a fifth of the time would go into looking for garbage that is not there
    checks, checker = verify(names[0])
    if "--json" in arguments:
        print(json.dumps({name: fault is None for name, fault in checks.items()}))
        return int(any(checks.values()))
    good = report(checks, "--en" in arguments)
    if good:
        report_facts(checker, "--en" in arguments)
    if good and len(names) == 2:
        report_ticket(checker, names[1], "--en" in arguments)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
