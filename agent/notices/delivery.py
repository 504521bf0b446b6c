"""What a target is, and how it says that it did not take a notice."""

from typing import Protocol

from agent.errors import HotlineError
from agent.routing.alerts import Delivery
from agent.storage import NoticeRow


class DeliveryError(HotlineError):
    """A target did not take a notice; it is tried again."""

    def __init__(self, message: str) -> None:
        super().__init__("notice_not_delivered", message, retryable=True)


class Target(Protocol):
    """One place where notices go."""

    @property
    def name(self) -> str: ...

    @property
    def delivery(self) -> Delivery: ...

    async def deliver(self, notice: NoticeRow) -> None:
        """Returns once it has it. Raises DeliveryError, within ``delivery.timeout_s`` and a little."""
        ...

    async def aclose(self) -> None: ...
