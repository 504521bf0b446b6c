"""The hotline as a server."""

import asyncio
import gc
import os
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

import uvicorn
from fastapi import FastAPI
from loguru import logger

from agent.api.app import AppDeps, create_app
from agent.api.dialling import dialling_router
from agent.api.ingress import ingress_router
from agent.api.live import LiveEvents
from agent.api.metrics import CallMetrics, metrics_router
from agent.api.seats import seats_router
from agent.api.spam import no_live_calls, spam_router
from agent.application import Application, build, measure_capacity, prepare_speech, warm_up
from agent.back_end import back_ends
from agent.company.company import load_companies
from agent.config import Settings
from agent.errors import StorageError
from agent.seats.from_page import WrapUpDone
from agent.storage import Store
from agent.storage.wrap_ups import FollowUpRow, WrapUpRow
from agent.switchboard import SeatsAtSwitchboard

LARGEST_FRAME_BYTES = 16_000_000
"""A WebSocket frame above this ends its connection; one above ``server.max_message_bytes`` is only refused."""
JOBS_PER_CALL = 4
"""What one call may have under way at once: hearing, writing, speaking, recording."""
PREPARE_AFTER_S = 20.0
"""The capacity is measured, and fixed sentences that are missing are spoken into the cache, so long after the start:
whoever rings at once has the models alone."""


def _now() -> datetime:
    return datetime.now(UTC)


def _now_ms() -> int:
    return round(_now().timestamp() * 1000)


def _write_wrap_up(store: Store, by: str, done: WrapUpDone) -> None:
    row = WrapUpRow(call_id=done.call_id, by=by, at=_now(), summary=done.summary, outcome=done.outcome)
    left = done.follow_up
    store.write_wrap_up(row, None if left is None else FollowUpRow(task=left.task, owner=left.owner, due=left.due))


def make_app(app: Application, live: LiveEvents, metrics: CallMetrics) -> FastAPI:
    """The web application around a hotline. ``live`` and ``metrics`` are readers of its timelines."""

    @asynccontextmanager
    async def storage(_: FastAPI) -> AsyncIterator[None]:
        try:
            for call_id in app.store.mark_interrupted():
                logger.warning("call {} was cut off when the hotline last stopped", call_id)
        except StorageError as error:
            logger.error("{}", error)
        app.writer.start()
        try:
            yield
        finally:
            app.writer.close()
            app.store.close()

    @asynccontextmanager
    async def notices(_: FastAPI) -> AsyncIterator[None]:
        app.alert_desk.start()
        try:
            yield
        finally:
            await asyncio.to_thread(app.alert_desk.close)

    @asynccontextmanager
    async def workers(_: FastAPI) -> AsyncIterator[None]:
        # asyncio's own pool has a few threads more than there are cores; each of them may be waiting for a language
        # model, and then nobody would be heard.
        threads = JOBS_PER_CALL * app.settings.server.max_calls
        pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="model")
        asyncio.get_running_loop().set_default_executor(pool)
        yield

    @asynccontextmanager
    async def phrases(_: FastAPI) -> AsyncIterator[None]:
        stop = threading.Event()

        def prepare() -> None:
            if not app.hotline.live_calls:
                measure_capacity(app)
            prepare_speech(app, stop)

        timer = threading.Timer(PREPARE_AFTER_S, prepare)
        timer.daemon = True
        timer.start()
        yield
        timer.cancel()
        stop.set()

    @asynccontextmanager
    async def floor(_: FastAPI) -> AsyncIterator[None]:
        if app.switchboard is not None:
            await app.switchboard.start()
        yield
        if app.switchboard is not None:
            await app.switchboard.close()
        if app.trunk is not None:
            await app.trunk.close()
        if app.front_desk is not None:
            await app.front_desk.close()

    metrics.show_capacity(lambda: app.hotline.capacity)
    let_in = no_live_calls if app.front_desk is None else app.front_desk.let_in
    routers = [
        ingress_router(app.hotline, _now, app.trunk),
        metrics_router(metrics),
        spam_router(app.store, _now, let_in),
    ]
    if app.trunk is not None:
        routers.append(dialling_router(app.trunk))
    if app.switchboard is not None:
        desk = SeatsAtSwitchboard(app.switchboard, partial(_write_wrap_up, app.store), let_in)
        open_on_loopback = app.settings.server.seats_open_on_loopback
        routers.append(seats_router(desk, app.store.seat_token_is_right, open_on_loopback=open_on_loopback))
    deps = AppDeps(
        store=app.store,
        settings=app.settings,
        live=live,
        routers=routers,
        lifespans=[workers, storage, notices, floor, phrases, metrics.watch_loop],
        now=_now,
        due=app.alert_desk.due,
    )
    return create_app(deps)


def serve(settings: Settings) -> None:
    """Load, warm up, listen. Returns when the server is stopped. Back ends that companies bring along run as long."""
    with back_ends(load_companies(settings.companies) if settings.companies else ()):
        _serve(settings)


def _serve(settings: Settings) -> None:
    live, metrics = LiveEvents(), CallMetrics()
    app = build(settings, readers=[live.publish, metrics.read], seats_now_ms=_now_ms)
    app.alert_desk.connect(os.environ)
    warm_up(app)
    # What is there by now stays. Without this, every full collection walks all of it and holds up every line.
    gc.collect()
    gc.freeze()
    logger.info("the hotline answers on http://{}:{}", settings.server.host, settings.server.port)
    uvicorn.run(
        make_app(app, live, metrics),
        host=settings.server.host,
        port=settings.server.port,
        log_level="warning",
        ws_max_size=LARGEST_FRAME_BYTES,
        # A telephone's 160 bytes every 20 ms hardly shrink; deflating them took an eighth of a call's processor time.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=10,
    )
