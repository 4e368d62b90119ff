"""What a mock receiver holds (对方名单): contracts with their people, as the messages left them."""

from typing import Any

_PLACE = ("communityId", "buildingNo", "unitNo", "roomNo")


class Holdings:
    """Contracts by number, each with the people who have access until a day; cards beside them."""

    def __init__(self) -> None:
        self.contracts: dict[str, dict[str, Any]] = {}
        self.spares: dict[str, dict[str, Any]] = {}
        self.away_from: dict[str, str] = {}  # contract, or "estate/building/unit" → first day

    def apply(self, message: dict[str, Any]) -> None:
        """Does what a message says; the caller has seen to it that its id is new."""
        kind, number = message.get("kind"), str(message.get("contractNo", ""))
        if kind in ("lease", "grant"):
            self.contracts[number] = _contract(message)
        elif kind in ("lease_ended", "revoke"):
            self.contracts.pop(number, None)
            self.spares = {
                key: one for key, one in self.spares.items() if one["contractNo"] != number
            }
        elif kind == "spare":
            self.spares[str(message["spareNo"])] = dict(message)
        elif kind == "spare_ended":
            self.spares.pop(str(message["spareNo"]), None)

    def listed(self) -> list[dict[str, Any]]:
        """One row a person, for the comparison of both sides."""
        return [
            {
                "contractNo": number,
                "idHash": person,
                "validFrom": told["validFrom"],
                "validTo": told["validTo"],
            }
            for number, contract in sorted(self.contracts.items())
            for person, told in sorted(contract["persons"].items())
        ]

    def presence(self, day: str) -> dict[str, Any]:
        """The doors that reported on a day, and the homes whose door was opened (日在家上报)."""
        doors: dict[str, dict[str, Any]] = {}
        homes: list[dict[str, Any]] = []
        for number, contract in sorted(self.contracts.items()):
            place = contract["place"]
            door = "/".join(str(place.get(key)) for key in _PLACE[:3])
            if not place or self._is_away(door, day):
                continue
            doors[door] = {key: place[key] for key in _PLACE[:3]}
            if not self._is_away(number, day):
                homes.append(dict(place))
        return {"doors": list(doors.values()), "homes": homes}

    def away(self, wish: dict[str, Any]) -> None:
        """From a day on nobody opens a contract's door, or a door reports nothing at all."""
        self.away_from[str(wish.get("contract") or wish["door"])] = str(wish.get("from", ""))

    def _is_away(self, what: str, day: str) -> bool:
        return what in self.away_from and day >= self.away_from[what]

    def alter(self, wish: dict[str, Any]) -> None:
        """Somebody there changes the list by hand: drops, adds, or moves a person's last day."""
        empty: dict[str, Any] = {"place": {}, "persons": {}}
        contract = self.contracts.setdefault(str(wish["contract"]), empty)
        person = str(wish["person"])
        if wish.get("drop"):
            contract["persons"].pop(person, None)
            return
        told = contract["persons"].setdefault(person, {"name": "", "validFrom": "", "validTo": ""})
        told |= {key: wish[key] for key in ("validFrom", "validTo") if key in wish}


def _contract(message: dict[str, Any]) -> dict[str, Any]:
    days = {key: message.get(key, "") for key in ("validFrom", "validTo")}
    return {
        "place": {key: message.get(key) for key in _PLACE},
        "persons": {
            one["idHash"]: {"name": one["name"], **days} for one in message.get("persons", [])
        },
    }
