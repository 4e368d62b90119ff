"""One picture taken in (收图): scanned, drawn anew and kept, all before any transaction begins."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from applications.papers import darkroom, scanning, store
from applications.papers.scanning import Verdict
from core.refusals import Refusal


@dataclass(frozen=True)
class Kept:
    """What was drawn, and the names of its files in the store; ``raw`` waits for a scanner."""

    picture: darkroom.Picture
    file: str
    raw: str

    def discard(self) -> None:
        """Removes the files: the same picture stands there already."""
        store.discard(self.file, self.raw)


@contextmanager
def taken_in(
    content: bytes, *, infected: Callable[[], Refusal], shows: str = darkroom.PAPER
) -> Iterator[Kept]:
    """The picture of a file, kept unless the block fails; ``shows`` as in ``darkroom.develop``.

    ``infected`` notes a file with a virus and gives what is said of it. Raises PaperRefused.
    """
    darkroom.refuse_size(len(content))
    verdict = scanning.scan(content)
    if verdict == Verdict.INFECTED:
        raise infected()
    picture = darkroom.develop(content, most=1, shows=shows).pages[0]
    file = store.keep(picture.content)
    kept = Kept(picture, file, store.keep(content) if verdict == Verdict.UNAVAILABLE else "")
    try:
        yield kept
    except BaseException:
        kept.discard()
        raise
