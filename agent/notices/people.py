"""People as a target: e-mail and messengers, by apprise."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import apprise

from agent.notices.delivery import DeliveryError
from agent.notices.robots import PAUSE_S, robot_of
from agent.routing.alerts import Delivery
from agent.storage import NoticeRow

AT_ONCE = 2
"""Threads for each target: one that hangs holds up itself alone, and a messenger wants no more at once."""
GRACE_S = 1.0
"""A service's own timeouts begin anew with each byte; so long after ``timeout_s`` it is not waited for any more."""
LONGEST_ERROR = 500


class AppriseTarget:
    """A `agent.notices.targets.Target`. Who is given up for being slow may have it all the same, and gets it again."""

    def __init__(self, name: str, url: str, delivery: Delivery) -> None:
        """Raises ValueError where apprise knows no such URL."""
        self.name = name
        self.delivery = delivery.model_copy(update={"at_once": min(AT_ONCE, delivery.at_once)})
        # Where apprise itself keeps the time, all services share a few threads, and one that hangs takes them all.
        asset = apprise.AppriseAsset(service_timeout=0)
        service = apprise.Apprise.instantiate(url, asset=asset)
        if service is None:
            raise ValueError("apprise knows no such address")
        robot = robot_of(service)
        service = service if robot is None else robot
        # Its pause of 5.5 s between two messages would run within the time that a try may take.
        service.request_rate_per_sec = 0
        service.socket_connect_timeout = service.socket_read_timeout = delivery.timeout_s
        self._apprise = apprise.Apprise(asset=asset)
        self._apprise.add(service)
        self._pause_s = 0.0 if robot is None else PAUSE_S
        self._next_s = 0.0
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"notify-{name}")

    async def deliver(self, notice: NoticeRow) -> None:
        loop = asyncio.get_running_loop()
        starts_s = max(loop.time(), self._next_s)
        self._next_s = starts_s + self._pause_s
        await asyncio.sleep(starts_s - loop.time())
        try:
            async with asyncio.timeout(self.delivery.timeout_s + GRACE_S):
                problem = await loop.run_in_executor(self._threads, self._notify, notice)
        except TimeoutError as error:
            raise DeliveryError(f"no answer within {self.delivery.timeout_s:g} s") from error
        except Exception as error:  # whatever a plugin raises, the notice waits for its next try
            raise DeliveryError(f"{type(error).__name__}: {error}") from error
        if problem is not None:
            raise DeliveryError(problem)

    def _notify(self, notice: NoticeRow) -> str | None:
        """What went wrong."""
        title, body = str(notice.payload["title"]), str(notice.payload["body"])
        # The body is what callers said: where mail would be HTML it must not be read as such.
        result = self._apprise.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
        if result:
            return None
        said = "; ".join(entry.message for entry in result.logs())
        return (said or "the service did not take it")[:LONGEST_ERROR]

    async def aclose(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
