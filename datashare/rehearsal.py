"""演练 what would be asked, without asking: for a site that has its keys but not yet its go-ahead.

With `DATASHARE_DRY_RUN` nothing leaves the process. Every question is written to the program's log
(logger `datashare.rehearsal`), with masked numbers, and its reply is unavailable ("dry_run"):
nobody is refused for it, and nothing stands in the call log, for nobody was asked.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from typing import Any

from core.identity.masking import mask_id, mask_name
from datashare import asking
from datashare.asking import Pair
from datashare.gateway.wire import FORM, JSON

logger = logging.getLogger(__name__)
CREDENTIALS = ("appKey", "sign", "requestTime")


def planned(pairs: Iterable[Pair], operator: str) -> list[dict[str, Any]]:
    """What would go out for each question: address, way of passing, and what is said, masked.

    Parameters appear by name only; `additional` with the applicant's name and number masked.
    """
    site = asking.site()
    return [_planned(pair, operator, site) for pair in pairs]


def log(pairs: Iterable[Pair], operator: str) -> None:
    """One line a question in the program's log."""
    for item in planned(pairs, operator):
        logger.info("would ask %s", json.dumps(item, ensure_ascii=False))


def _planned(pair: Pair, operator: str, site: asking.Site) -> dict[str, Any]:
    question, purpose = pair
    interface = site.interface(question.source)
    proof = asking.evidence(question, purpose, operator, interface.matter)
    in_headers = interface.passing == "headers"
    return {
        "source": question.source,
        "method": "POST",
        "url": f"{site.url.rstrip('/')}/{interface.path}",
        "passing": interface.passing,
        "headers": [*(CREDENTIALS if in_headers else ()), *(JSON if in_headers else FORM)],
        "params": sorted(asking.parameters(question)),
        "person": mask_id(question.person.id_number),
        "case": purpose.case_no,
        "additional": {
            **json.loads(proof.as_text()),
            "sponsorName": mask_name(proof.sponsor_name),
            "sponsorCode": mask_id(proof.sponsor_code),
        },
        "rate": interface.rate,
        "daily": interface.daily,
    }
