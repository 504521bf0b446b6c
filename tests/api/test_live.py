"""Live events reach every watcher, and no watcher can slow a call."""

import asyncio
import json
import threading
import time
from collections import deque

import pytest
from starlette.websockets import WebSocketDisconnect

from agent.api import live
from agent.api.live import Lagged, LiveEvents, Subscription
from agent.api.sockets import same_origin
from agent.events import Event
from tests.api.conftest import Site
from tests.storage.seed import complaint, order_query


async def take(subscription: Subscription, count: int) -> list[str]:
    lines: list[str] = []
    async for line in subscription:
        lines.append(line)
        if len(lines) == count:
            break
    return lines


def as_json(events: list[Event]) -> list[str]:
    return [event.to_json() for event in events]


async def test_every_watcher_gets_every_event_in_order() -> None:
    hub, events = LiveEvents(), complaint().events
    with hub.subscribe() as first, hub.subscribe() as second:
        for event in events:
            hub.publish(event)
        assert await take(first, len(events)) == await take(second, len(events)) == as_json(events)
    assert hub.watchers == 0


async def test_a_watcher_of_one_call_gets_that_call_from_its_beginning() -> None:
    hub, events = LiveEvents(), complaint("a").events
    for event in events[:7]:
        hub.publish(event)
    with hub.subscribe("a") as subscription:
        for event in [*order_query("b").events, *events[7:]]:
            hub.publish(event)
        assert await take(subscription, len(events)) == as_json(events)


async def test_a_replay_under_the_same_id_starts_from_nothing() -> None:
    hub = LiveEvents()
    for event in [*complaint("a").events, *order_query("a").events]:
        hub.publish(event)
    with hub.subscribe("a") as subscription:
        assert await take(subscription, len(order_query().events)) == as_json(order_query("a").events)


async def test_a_slow_watcher_is_dropped_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "QUEUE_EVENTS", 5)
    hub, events = LiveEvents(), complaint().events
    with hub.subscribe() as slow, hub.subscribe() as quick:
        for event in events:
            hub.publish(event)
            assert await take(quick, 1) == [event.to_json()]
        assert hub.watchers == 1
        assert await take(slow, 5) == as_json(events[:5])
        with pytest.raises(Lagged):
            await take(slow, 1)


async def test_events_may_come_from_another_thread() -> None:
    hub, events = LiveEvents(), complaint().events
    with hub.subscribe() as subscription:
        thread = threading.Thread(target=lambda: deque(map(hub.publish, events)))
        thread.start()
        assert await asyncio.wait_for(take(subscription, len(events)), 5.0) == as_json(events)
        thread.join()


async def test_a_hundred_watchers_cost_a_call_next_to_nothing() -> None:
    hub, events = LiveEvents(), complaint().events
    watching = [hub.subscribe() for _ in range(100)]
    started = time.thread_time()
    for event in events:
        hub.publish(event)
    per_event_s = (time.thread_time() - started) / len(events)

    # One tick of the line is 20 ms.
    assert per_event_s < 0.02
    assert len(await take(watching[-1], len(events))) == len(events)


async def test_memory_for_late_watchers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "RECENT_CALLS", 2)
    hub = LiveEvents()
    for name in ("a", "b", "c"):
        hub.publish(complaint(name).events[0])
    with hub.subscribe("a") as forgotten, hub.subscribe("c") as known:
        hub.close()
        assert [line async for line in forgotten] == []
        assert len([line async for line in known]) == 1


def test_the_socket_sends_the_timeline_s_own_json(site: Site) -> None:
    events = complaint().events
    with site.client.websocket_connect("/ws/events") as socket:
        wait_for_watchers(site.live, 1)
        for event in events:
            site.live.publish(event)
        assert [socket.receive_text() for _ in events] == as_json(events)
    wait_for_watchers(site.live, 0)


def test_the_socket_of_one_call_is_silent_about_others(site: Site) -> None:
    with site.client.websocket_connect("/ws/events?call_id=CA-order") as socket:
        wait_for_watchers(site.live, 1)
        site.live.publish(complaint().events[0])
        site.live.publish(order_query().events[0])
        assert json.loads(socket.receive_text())["call_id"] == "CA-order"


def test_pages_of_other_sites_cannot_listen(site: Site) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        site.client.websocket_connect("/ws/events", headers={"origin": "https://elsewhere.example"}),
    ):
        pass
    with site.client.websocket_connect("/ws/events", headers={"origin": "http://testserver"}):
        wait_for_watchers(site.live, 1)


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        (None, "h", True),
        ("http://127.0.0.1:8400", "127.0.0.1:8400", True),
        ("https://Hotline.example", "hotline.example", True),
        ("http://127.0.0.1:8401", "127.0.0.1:8400", False),
        ("http://127.0.0.1:8400.evil.example", "127.0.0.1:8400", False),
        ("null", "127.0.0.1:8400", False),
        ("", "", True),
    ],
)
def test_origins_are_compared_by_host_and_port(origin: str | None, host: str, same: bool) -> None:
    assert same_origin(origin, host) is same


def wait_for_watchers(hub: LiveEvents, count: int) -> None:
    deadline = time.monotonic() + 5.0
    while hub.watchers != count and time.monotonic() < deadline:
        time.sleep(0.005)
    assert hub.watchers == count
