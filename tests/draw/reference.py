"""The protocol read aloud: slow, literal, sharing nothing with the code under test."""

import hashlib
import hmac


def seed_of(roster_bytes, secret, entropy):
    digest = hashlib.sha256(roster_bytes).digest()
    return hashlib.sha256(b"YZ-DRAW-1" + b"\0" + digest + secret + entropy.encode()).digest()


def key(seed, kind, name):
    return hmac.new(seed, f"{kind}\0{name}".encode(), hashlib.sha256).digest()


def choose(entrant, homes, rank):
    """Section 4: *choose from a set*."""
    for estate in entrant["preferences"]:
        there = [home for home in homes if home["estate"] == estate]
        if there:
            return min(there, key=rank)
    if entrant["any_estate"] and homes:
        return min(homes, key=rank)
    return None


def draw(roster, seed):
    """[(ticket, home or None)] in drawn order."""

    def rank(home):
        return key(seed, "home", home["home"]), home["home"]

    entrants = sorted(
        roster["entrants"],
        key=lambda e: (e["tier"], key(seed, "entrant", e["ticket"]), e["ticket"]),
    )
    free = list(roster["homes"])
    given = {}

    def take(entrant, wanted):
        of_type = [h for h in free if h["unit_type"] in entrant["unit_types"] and wanted(h)]
        home = choose(entrant, of_type, rank)
        if home is not None:
            free.remove(home)
            given[entrant["ticket"]] = home["home"]
        return home is not None

    for entrant in entrants:
        if entrant["needs_accessible"]:
            if take(entrant, lambda h: h["accessible"]):
                continue
            take(entrant, lambda h: not h["accessible"])
        else:
            take(entrant, lambda h: not h["accessible"])
    for entrant in entrants:
        if entrant["ticket"] not in given:
            take(entrant, lambda h: True)
    return [(e["ticket"], given.get(e["ticket"])) for e in entrants]
