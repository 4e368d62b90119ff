"""docs/draw-vectors.md: the golden bundles in figures; run as a program it writes the page anew."""

import hashlib
import hmac
import json
from pathlib import Path

from tests.draw import bundles

PAGE = Path(__file__).parents[2] / "docs" / "draw-vectors.md"
WORKED = "three_households"

HEAD = """# Golden vectors of YZ-DRAW-1

For whoever writes a verifier of their own. The bundles lie as folders in `tests/draw/golden/`;
every verifier that ships passes all of them. `docs/draw-protocol.md` is the protocol. This page is
written by `python -m tests.draw.vectors` and compared by a test.

| bundle | entrants | homes | reserve | SHA-256 of roster.json | seed | SHA-256 of result.json |
|---|---|---|---|---|---|---|
"""
REST = """
## One of them by hand
`{name}`: the whole of `roster.json`, one line without a line feed at its end:

```
{roster}
```

The secret is `{secret}`; its SHA-256 is `secret_commitment`. The public value is `{entropy}`.

`seed = SHA-256("YZ-DRAW-1" ‖ 0x00 ‖ {digest} ‖ secret ‖ public value)`
= `{seed}`

| kind | id | key = HMAC-SHA256(seed, kind ‖ 0x00 ‖ id) |
|---|---|---|
{keys}

Within tier 1 the smaller key goes first, and so does the home of the smaller key:

| position | ticket | home |
|---|---|---|
{rows}

## Broken ones
They are made from the sound ones when the tests run, each with the check that has to name it:
`tests/draw/broken.py` by kind, `tests/draw/mutations.py` by the thousand.
"""


def page():
    """The text of the page."""
    golden = bundles.golden()
    table = "\n".join(_line(name, files) for name, files in golden.items())
    return HEAD + table + "\n" + _worked(WORKED, golden[WORKED])


def _line(name, files):
    roster, result = json.loads(files["roster.json"]), json.loads(files["result.json"])
    reserve = sum(row["home"] is None for row in result["assignments"])
    return (
        f"| `{name}` | {len(roster['entrants'])} | {len(roster['homes'])} | {reserve} "
        f"| `{_sha(files['roster.json'])}` | `{result['seed']}` | `{_sha(files['result.json'])}` |"
    )


def _worked(name, files):
    roster, reveal = json.loads(files["roster.json"]), json.loads(files["reveal.json"])
    rows = json.loads(files["result.json"])["assignments"]
    seed = bytes.fromhex(reveal["seed"])
    ids = [("entrant", row["ticket"]) for row in roster["entrants"]]
    ids += [("home", row["home"]) for row in roster["homes"]]
    return REST.format(
        name=name, roster=files["roster.json"].decode(), digest=_sha(files["roster.json"]),
        secret=reveal["secret"], entropy=reveal["entropy"], seed=reveal["seed"],
        keys="\n".join(f"| {kind} | {one} | `{_key(seed, kind, one)}` |" for kind, one in ids),
        rows="\n".join(
            f"| {row['position']} | {row['ticket']} | {row['home'] or 'reserve'} |" for row in rows
        ),
    )  # fmt: skip


def _key(seed, kind, name):
    return hmac.new(seed, f"{kind}\0{name}".encode(), hashlib.sha256).hexdigest()


def _sha(data):
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
