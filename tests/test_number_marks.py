"""A service of marks may be right, slow, down or mad: a call never waits for it longer than was agreed."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from agent.number_marks import NumberMarks
from agent.routing.spam import HttpMarks, Mark

NUMBER, OTHER = "13800001111", "13800002222"


class Service:
    """A real server on this machine. ``mode``: what it answers."""

    def __init__(self) -> None:
        self.mode = "right"
        self.asked: list[str] = []
        self.url = ""

    async def answer(self, request: Request) -> Response:
        self.asked.append(request.path_params["number"])
        match self.mode:
            case "slow":
                await asyncio.sleep(1.0)
            case "down":
                return PlainTextResponse("no", status_code=500)
            case "html":
                return HTMLResponse("<html>查询次数已用完</html>")
            case "huge":
                return Response(b'{"marks": [' + b" " * 5_000_000 + b"]}", media_type="application/json")
            case "deep":
                return Response(b"[" * 60_000, media_type="application/json")
            case "other":
                return JSONResponse({"result": "推销"})
            case "negative":
                return JSONResponse({"mark": "推销", "count": -4})
            case "moved":
                return RedirectResponse("http://127.0.0.1:9/")
            case "one":
                return JSONResponse({"mark": "骚扰", "count": 3, "city": "成都"})
            case "nobody":
                return JSONResponse({})
            case "unknown":
                return PlainTextResponse("?", status_code=404)
        return JSONResponse({"marks": [{"mark": "推销", "count": 86}, {"mark": "诈骗", "count": 2}]})


@pytest.fixture(scope="module")
def server() -> Iterator[Service]:
    service = Service()
    app = Starlette(routes=[Route("/v1/{number}", service.answer)])
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        service.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1/{{number}}"
        running = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not running.started:
            time.sleep(0.01)
        yield service
        running.should_exit = True
        thread.join(5)


@pytest.fixture
def service(server: Service) -> Service:
    server.mode, server.asked = "right", []
    return server


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def source(service: Service, clock: Clock | None = None, **settings: object) -> NumberMarks:
    given = {"timeout_ms": 2000} | settings
    return NumberMarks(HttpMarks(url=service.url, **given), now_s=clock or Clock())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("mode", "marks"),
    [
        ("right", (Mark("推销", "http", 86), Mark("诈骗", "http", 2))),
        ("one", (Mark("骚扰", "http", 3),)),
        ("nobody", ()),
        ("unknown", ()),
        ("down", ()),
        ("html", ()),
        ("huge", ()),
        ("deep", ()),
        ("other", ()),
        ("negative", ()),
        ("moved", ()),
    ],
)
async def test_what_a_service_answers_is_known_and_garbage_is_nothing(
    service: Service, mode: str, marks: tuple[Mark, ...]
) -> None:
    service.mode = mode
    async with source(service) as asked:
        assert await asked.of(NUMBER) == marks


async def test_a_slow_service_is_not_waited_for(service: Service) -> None:
    service.mode = "slow"
    async with source(service, timeout_ms=60) as asked:
        began = time.monotonic()
        assert await asked.of(NUMBER) == ()
        assert time.monotonic() - began < 0.8


async def test_nobody_listens_and_nothing_is_known(service: Service) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/{{number}}"
    async with NumberMarks(HttpMarks(url=url)) as asked:
        assert await asked.of(NUMBER) == ()


async def test_an_answer_is_remembered_for_its_time_and_a_failure_is_not(service: Service) -> None:
    clock = Clock()
    async with source(service, clock, cache_s=60) as asked:
        service.mode = "down"
        await asked.of(NUMBER)
        service.mode = "right"
        assert await asked.of(NUMBER) == await asked.of("+86 138 0000 1111") != ()
        assert len(service.asked) == 2
        clock.now_s += 61
        await asked.of(NUMBER)
        assert len(service.asked) == 3


async def test_only_so_many_numbers_are_remembered(service: Service) -> None:
    async with source(service, cache_size=1) as asked:
        for number in (NUMBER, OTHER, NUMBER):
            await asked.of(number)
        assert len(service.asked) == 3


async def test_a_service_that_keeps_failing_is_left_alone_for_a_while(service: Service) -> None:
    clock = Clock()
    service.mode = "down"
    async with source(service, clock, failures=3, rest_s=30) as asked:
        for _ in range(6):
            assert await asked.of(NUMBER) == ()
        assert len(service.asked) == 3 and asked.resting
        clock.now_s += 31
        service.mode = "right"
        assert await asked.of(NUMBER) != () and not asked.resting


@pytest.mark.parametrize("number", ["", "anonymous", "+266696687", "8001", "12012345678"])
async def test_what_is_no_number_is_not_asked_about(service: Service, number: str) -> None:
    async with source(service) as asked:
        assert await asked.of(number) == () and service.asked == []
