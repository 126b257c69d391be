"""Speech as a file: returned, or kept as an artifact."""


class Filing:
    """Makes files of speech."""

    def __init__(self, *_: object) -> None:
        """Takes nothing yet."""
