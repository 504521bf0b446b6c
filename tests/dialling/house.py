"""The whole hotline with a provider beside it: a small company whose callers all want a person, and where people sit at
telephones outside.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from agent.api.spam import no_live_calls
from agent.dialling_settings import DiallingSettings
from agent.routing.floor import Seat
from agent.switchboard import SeatsAtSwitchboard, Switchboard
from tests.dialling.provider import ACCOUNT, SECRET, Provider, provider
from tests.ingress.telephone_exchange import Exchange, connect, exchange
from tests.switchboard.office import Person

JINGHE = Path(__file__).parents[2] / "companies" / "jinghe"
WANG = "+8613911112222"
"""The telephone of the seat outside, as it is dialled."""
OUTSIDE = {"id": "s01", "name": "王丽", "number": "139 1111 2222", "skills": {"service": 5}}
PAGE = {"id": "s02", "name": "陈晨", "login": "chenchen", "skills": {"service": 4}}


def company(folder: Path, seats: list[dict[str, Any]], **floor: Any) -> Path:
    """Jinghe, open day and night, with these seats, and with one rule: everybody goes to a person."""
    shutil.copytree(JINGHE, folder)
    for name in ("numbers.yaml", "menu.yaml"):
        (folder / "routing" / name).unlink()
    _change(folder / "company.yaml", {"hours": {"timezone": "Asia/Shanghai", "week": {"mon-sun": "00:00-24:00"}}})
    _change(
        folder / "routing" / "rules.yaml", {"rules": [{"name": "都找人", "to": "queue:service", "overflow": "bot"}]}
    )
    _change(
        folder / "routing" / "seats.yaml",
        {
            "skills": {"service": {"name": {"zh": "综合客服", "en": "Service"}}},
            "seats": seats,
            "ringing": {"outside_ring_s": 6, "outside_accept_s": 5, "retry_s": 60, "misses": 1},
            "after_call": {"wrap_up_s": 60},
            **floor,
        },
    )
    return folder


def _change(file: Path, changes: Mapping[str, Any]) -> None:
    values = yaml.safe_load(file.read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump({**values, **changes}, allow_unicode=True), encoding="utf-8")


@dataclass
class House:
    hotline: Exchange
    provider: Provider

    @property
    def board(self) -> Switchboard:
        board = self.hotline.app.switchboard
        assert board is not None
        return board

    def person(self, login: str, hz: float) -> Person:
        """Somebody at a page; only in a `house_with_pages`."""
        return Person(SeatsAtSwitchboard(self.board, lambda *_: None, no_live_calls), login, hz)

    def seat(self, seat: str = "s01") -> Seat:
        return self.board.keeper.floor.seats[seat]


def _dialling(by: Provider) -> Callable[[int], DiallingSettings]:
    return lambda port: DiallingSettings.model_validate(
        {
            "base_url": by.base_url,
            "account": ACCOUNT,
            "secret": SECRET,
            "public_url": f"ws://127.0.0.1:{port}",
            "caller_number": "4008001234",
        }
    )


@contextmanager
def house(folder: Path, seats: list[dict[str, Any]], **floor: Any) -> Iterator[House]:
    with provider() as by:
        served = company(folder / "company", seats, **floor)
        with exchange(folder / "data", companies=[served], dialling=_dialling(by), media_timeout_s=10.0) as hotline:
            yield House(hotline, by)


@asynccontextmanager
async def house_with_pages(folder: Path, seats: list[dict[str, Any]], **floor: Any) -> AsyncIterator[House]:
    """The same on the test's own loop, so that people may sit at pages (`House.person`)."""
    with provider() as by:
        served = company(folder / "company", seats, **floor)
        hotline, running, listening = connect(
            folder / "data", companies=[served], dialling=_dialling(by), media_timeout_s=10.0
        )
        serving = asyncio.ensure_future(running.serve(sockets=[listening]))
        while not running.started:
            assert not serving.done(), "the server did not start"
            await asyncio.sleep(0.01)
        try:
            yield House(hotline, by)
        finally:
            running.should_exit = True
            await asyncio.wait_for(serving, 15)
