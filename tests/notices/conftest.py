"""A store whose alerts fill the outbox, and a desk that empties it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.events import AlertEscalated, AlertRaised, AlertWithdrawn, Body, CallStarted, Event, Evidence
from agent.ingress.leg import CallInfo
from agent.notices import AlertBooks, AlertDesk, CompanyAlerts, NoticeOffice
from agent.notices.texts import load_texts
from agent.routing.alerts import AlertPolicy
from agent.storage import CallInfo as StoredCallInfo
from agent.storage import Store


@dataclass
class House:
    """One company's hotline without the talking. ``ring`` is a call that begins now."""

    store: Store
    books: AlertBooks
    desk: AlertDesk

    def ring(self, call_id: str, *, caller: str = "13812345678", at: datetime | None = None) -> "Ringing":
        info = CallInfo(
            call_id=call_id,
            caller_number=caller,
            called_number="4008001234",
            channel="media-stream",
            language="zh",
            started_at=at or datetime.now(UTC),
        )
        return Ringing(self, info)


class Ringing:
    """A call whose events reach the desk at once, and the store when ``write`` is called."""

    def __init__(self, house: House, info: CallInfo) -> None:
        self._house = house
        self.info = info
        self.events: list[Event] = []
        self._read = house.desk.follow(info)
        stored = StoredCallInfo(
            caller_number=info.caller_number,
            called_number=info.called_number,
            channel=info.channel,
            language=info.language,
        )
        self.put(CallStarted(**stored.model_dump()))
        house.store.begin_call(info.call_id, stored, info.started_at)

    def put(self, body: Body, audio_ms: int = 1000) -> None:
        event = Event(call_id=self.info.call_id, seq=len(self.events), audio_ms=audio_ms, body=body)
        self.events.append(event)
        self._read(event)

    def write(self) -> None:
        self._house.store.append(self.events)

    def alert(self, *causes: str) -> None:
        self.put(raised(f"{self.info.call_id}-a1", *causes))


def raised(alert_id: str, *causes: str) -> AlertRaised:
    words = Evidence(signal="safety", words="漏电，孩子被电到了 {紧急}", turn=1, weight=0.9)
    return AlertRaised(
        alert_id=alert_id,
        turn=1,
        level="high",
        causes=causes or ("safety",),
        evidence=(words,),
        recommended="马上接听",
    )


def worse(alert_id: str, *causes: str) -> AlertEscalated:
    return AlertEscalated(alert_id=alert_id, turn=2, level="high", causes=causes, evidence=(), recommended="请主管接听")


def taken_back(alert_id: str) -> AlertWithdrawn:
    return AlertWithdrawn(alert_id=alert_id, turn=3, words="开玩笑的")


def one_company(policy: AlertPolicy) -> AlertBooks:
    book = CompanyAlerts("jinghe", "京和电器", policy, load_texts(), {"safety": "人身安全或产品危险"})
    return AlertBooks((book,), lambda _: book)


Open = Callable[[AlertPolicy], House]


@pytest.fixture
def open_house(tmp_path: Path) -> Iterator[Open]:
    """A desk that is running, by this policy. Called again, the house is closed and opened over the same store."""
    houses: list[House] = []

    def open_it(policy: AlertPolicy) -> House:
        shut()
        books = one_company(policy)
        office = NoticeOffice(books)
        store = Store(f"sqlite:///{tmp_path / 'hotline.db'}", tmp_path, office)
        store.migrate()
        desk = AlertDesk(store, books, office, tick_s=0.1)
        desk.connect({})
        desk.start()
        houses.append(House(store, books, desk))
        return houses[-1]

    def shut() -> None:
        while houses:
            house = houses.pop()
            house.desk.close()
            house.store.close()

    yield open_it
    shut()
