"""法定职责 the duties on which a register may be asked without a consent: a closed table.

A duty that nobody uses is a door that nobody watches: a line is added with the code that needs it,
and with the article that allows it. `verified` says whether the article was read in force.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from datashare.sources import CATALOGUE
from datashare.sources.source import COMMITMENT, DECEASED, DISCOVERY, RECHECK

# Nobody's numbers: the district's code did not exist for births before 2002. Any answer will do.
NOBODY = frozenset({"33021219500101999X"})


@dataclass(frozen=True, slots=True)
class Duty:
    """法定职责 what a law lets the housing office ask, for which kinds of purpose."""

    code: str
    name: Any  # translated where it is shown
    law: Any
    kinds: tuple[str, ...]
    sources: frozenset[str]
    # kinds of change it may read in the gateway's feed, which is asked about days
    changes: frozenset[str] = frozenset()
    nobody_only: bool = False
    verified: bool = False
    keeps: bool = True  # whether fresh answers are kept; not where most are nobody's case


def keeps_answers(basis: str) -> bool:
    """Whether answers got on this basis may be kept for the next question."""
    authority, _colon, named = basis.partition(":")
    duty = DUTIES.get(named) if authority == "duty" else None
    return duty is None or duty.keeps


def _permitting(kind: str) -> frozenset[str]:
    return frozenset(code for code, spec in CATALOGUE.items() if kind in spec.purposes)


DUTIES: dict[str, Duty] = {
    duty.code: duty
    for duty in (
        Duty(
            "annual_recheck",
            _("年度复核"),
            _("《公共租赁住房管理办法》（住房和城乡建设部令第11号）第28条、第31条"),
            (RECHECK,),
            _permitting(RECHECK),
        ),
        Duty(
            "deceased_check",
            _("核实是否离世"),
            _("《公共租赁住房管理办法》（住房和城乡建设部令第11号）第28条"),
            (DECEASED,),
            _permitting(DECEASED),
        ),
        Duty(
            "commitment_check",
            _("核实承诺"),
            _(
                "《国务院办公厅关于全面推行证明事项和涉企经营许可事项告知承诺制的指导意见》（国办发〔2020〕42号）"
            ),
            (COMMITMENT,),
            _permitting(COMMITMENT),
        ),
        Duty(
            "proactive_discovery",
            _("主动发现住房困难的救助家庭"),
            _("《社会救助暂行办法》第37条、第58条"),
            (DISCOVERY,),
            _permitting(DISCOVERY),
            changes=frozenset({"aid_granted"}),
            verified=True,
            keeps=False,
        ),
        Duty(
            "change_watch",
            _("动态核查"),
            _("《公共租赁住房管理办法》（住房和城乡建设部令第11号）第28条、第31条"),
            (RECHECK,),
            frozenset(),
            changes=frozenset(
                {
                    "birth",
                    "death",
                    "marriage",
                    "divorce",
                    "moved_out",
                    "presale",
                    "resale",
                    "home_gained",
                    "job_ended",
                    "aid_granted",
                    "aid_ended",
                    "company",
                }
            ),
        ),
        Duty(
            "interface_check",
            _("接口自检"),
            _("只用不属于任何人的号码，不涉及个人信息"),
            ("interface_check",),
            frozenset(CATALOGUE),
            nobody_only=True,
            verified=True,
        ),
    )
}
