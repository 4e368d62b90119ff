"""存量房合同: homes bought second-hand, before they are registered."""

from datashare.sources.presale_contract import read, request, subjects
from datashare.sources.source import NONE, Source

SPEC = Source(
    code="resale_contract",
    name="存量房合同",
    owner="住建(房管)",
    path="api/001008002016015001/dataSharing/f19b6c4d7e0a2853.htm",
    empty=NONE,
    request=request,
    read=read,
    subjects=subjects,
)
