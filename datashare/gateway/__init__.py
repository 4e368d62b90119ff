"""公共数据平台网关 the client of the provincial and municipal public-data gateway.

Read in this order: `faults` (what can go wrong and what follows), `envelope` (bytes → rows),
`tokens` (the pair of secrets), `quota` (how fast each source may be asked), `interfaces`
(where each source lives) and `client` (one call from parameters to rows).
"""

from datashare.gateway.client import Answer, Evidence, Gateway
from datashare.gateway.faults import Fault, Verdict

__all__ = ["Answer", "Evidence", "Fault", "Gateway", "Verdict"]
