"""The web application: REST, live events, pages, and whatever routers the ingress brings."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel

import agent.dashboard
from agent.api import errors
from agent.api.alerts import DueTimes, alerts_router, no_due_times
from agent.api.calls import calls_router
from agent.api.corrections import corrections_router
from agent.api.live import LiveEvents
from agent.api.reports import AnsweredToday, reports_router
from agent.api.sockets import events_router
from agent.config import Settings
from agent.dashboard.pages import pages_router
from agent.reports import scope_of
from agent.storage import Store

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def _wall_time() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class AppDeps:
    """What the application is made of.

    ``due``: by when alerts must be seen and settled.
    ``lifespans`` are entered in order at start-up, and left in reverse order.
    """

    store: Store
    settings: Settings
    live: LiveEvents
    routers: Sequence[APIRouter] = ()
    lifespans: Sequence[Lifespan] = ()
    now: Callable[[], datetime] = field(default=_wall_time)
    due: DueTimes = field(default=no_due_times)


class Health(BaseModel):
    """Alive, and able to remember."""

    status: Literal["ok"] = "ok"


def create_app(deps: AppDeps) -> FastAPI:
    """The application. Nothing is started before its lifespan is."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for context in deps.lifespans:
                await stack.enter_async_context(context(app))
            try:
                yield
            finally:
                deps.live.close()

    # The stock docs page loads its scripts from a CDN; /docs is ours and needs nothing from outside.
    app = FastAPI(
        title="Hotline",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        responses=errors.responses(422),
    )
    errors.install(app)

    @app.get("/healthz", tags=["health"], summary="Whether the hotline works", responses=errors.responses(503))
    def healthz() -> Health:
        deps.store.ping()
        return Health()

    scope = scope_of(deps.settings)
    app.include_router(calls_router(deps.store))
    app.include_router(reports_router(deps.store, scope, deps.now))
    app.include_router(alerts_router(deps.store, deps.now, deps.due))
    app.include_router(corrections_router(deps.store, deps.now))
    app.include_router(events_router(deps.live))
    for router in deps.routers:
        app.include_router(router)
    app.include_router(pages_router(deps.store, deps.settings, deps.now, AnsweredToday(deps.store, scope, deps.now)))
    static = Path(agent.dashboard.__file__).parent / "static"
    app.mount("/static", StaticFiles(directory=static), name="static")
    return app
