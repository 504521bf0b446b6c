"""What the back end does not do."""


class Missing(Exception):
    """There is no such thing."""


class Refused(Exception):
    """The company's rules are against it; ``reason`` is one word, such as ``already_shipped``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unclear(Exception):
    """What was asked lacks something, or contradicts what was asked before with the same key."""
