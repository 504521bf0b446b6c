"""Asks a service on the web how people mark a number, while the call rings. Whatever goes wrong, nothing is known.

``GET url`` with the number in it answers JSON: ``{"marks": [{"mark": "推销", "count": 86}]}``, or one such object by
itself, or ``{}`` for a number that nobody marked.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from urllib.parse import quote

import httpx
from loguru import logger
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from agent.routing.spam import HttpMarks, Mark, kind_of, plain

SOURCE = "http"
MOST_MARKS = 20
"""Marks of one number that are read; the heaviest one counts."""


class _Mark(BaseModel):
    model_config = ConfigDict(extra="ignore")

    mark: str = Field(min_length=1, max_length=40)
    count: int = Field(default=1, ge=0, le=10_000_000)


class _Marks(BaseModel):
    marks: list[_Mark]


_ANSWER: TypeAdapter[_Marks | _Mark] = TypeAdapter(_Marks | _Mark)


class NumberMarks:
    """One service. Remembers answers, gives up in time, and leaves a service that fails alone for a while.

    now_s: a clock that only goes forward. One per process; use it as an async context manager, or `close` it.
    """

    def __init__(
        self, settings: HttpMarks, *, now_s: Callable[[], float] = monotonic, client: httpx.AsyncClient | None = None
    ) -> None:
        self._settings = settings
        self._now_s = now_s
        self._client = client or httpx.AsyncClient(follow_redirects=False)
        self._known: OrderedDict[str, tuple[float, tuple[Mark, ...]]] = OrderedDict()
        self._failures = 0
        self._rests_until_s = float("-inf")

    async def __aenter__(self) -> "NumberMarks":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._client.aclose()

    @property
    def resting(self) -> bool:
        """Whether the service is left alone, since it failed so often."""
        return self._now_s() < self._rests_until_s

    async def of(self, number: str) -> tuple[Mark, ...]:
        """The number's marks; none where nothing is known. Takes ``timeout_ms`` at the most, and never raises."""
        key = plain(number)
        if not key or kind_of(number) != "plain":
            return ()
        known = self._known.get(key)
        if known is not None and self._now_s() - known[0] < self._settings.cache_s:
            self._known.move_to_end(key)
            return known[1]
        if self.resting:
            return ()
        try:
            async with asyncio.timeout(self._settings.timeout_ms / 1000):
                marks = await self._ask(key)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, RecursionError) as error:
            self._failed(error)
            return ()
        self._failures = 0
        self._remember(key, marks)
        return marks

    async def _ask(self, key: str) -> tuple[Mark, ...]:
        """Raises what httpx raises, and ValueError for an answer that is none."""
        url = self._settings.url.replace("{number}", quote(key, safe=""))
        async with self._client.stream("GET", url, headers={"accept": "application/json"}) as response:
            if response.status_code == httpx.codes.NOT_FOUND:
                return ()
            response.raise_for_status()
            if response.status_code != httpx.codes.OK:
                raise ValueError(f"answered {response.status_code}")
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > self._settings.max_bytes:
                    raise ValueError(f"answered more than {self._settings.max_bytes:,} bytes")
        answer = json.loads(body)
        if answer == {}:
            return ()
        try:
            read = _ANSWER.validate_python(answer)
        except ValidationError as error:
            raise ValueError(
                'answered JSON without marks; right would be {"marks": [{"mark": …, "count": …}]}'
            ) from error
        several = read.marks if isinstance(read, _Marks) else [read]
        return tuple(Mark(one.mark, SOURCE, one.count) for one in several[:MOST_MARKS])

    def _failed(self, error: Exception) -> None:
        self._failures += 1
        if self._failures >= self._settings.failures:
            self._failures = 0
            self._rests_until_s = self._now_s() + self._settings.rest_s
            logger.warning(
                "marks of numbers: {} failures running, left alone for {} s: {}: {}",
                self._settings.failures,
                self._settings.rest_s,
                type(error).__name__,
                error,
            )

    def _remember(self, key: str, marks: tuple[Mark, ...]) -> None:
        self._known[key] = (self._now_s(), marks)
        self._known.move_to_end(key)
        while len(self._known) > self._settings.cache_size:
            self._known.popitem(last=False)
