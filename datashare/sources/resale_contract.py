"""存量房合同: homes bought second-hand, before they are registered."""

from datashare.sources import laws
from datashare.sources.presale_contract import FIELDS, read, request, subjects
from datashare.sources.source import NONE, SENSITIVE, Source

SPEC = Source(
    code="resale_contract",
    name="存量房合同",
    owner="住建(房管)",
    english="resale contracts",
    owner_english="housing",
    path="api/001008002016015001/dataSharing/f19b6c4d7e0a2853.htm",
    empty=NONE,
    laws=(
        laws.URBAN_PROPERTY.clause(41),
        laws.HOUSING.clause(8),
    ),
    fields=FIELDS,
    request=request,
    read=read,
    subjects=subjects,
    sensitivity=SENSITIVE,
)
