"""Every figure by its key: what a link names and its list shows."""

from office.figures import applying, oneflow, onenet, onestop, review, today, waiting
from office.figures.figure import Figure

FIGURES: dict[str, Figure] = {
    one.key: one
    for one in (
        *today.FIGURES,
        *onestop.FIGURES,
        *applying.FIGURES,
        *oneflow.FIGURES,
        *onenet.FIGURES,
        *waiting.FIGURES,
        *review.FIGURES,
    )
}
