"""What a verb raises when it must not act."""


class Refusal(Exception):
    """A refused action (拒绝办理): changes nothing and carries the sentence the person reads.

    ``field`` names the form field concerned, if one is.
    """

    def __init__(self, message: object, field: str | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)
