"""The back end as one application: HTTP, MCP at /mcp, and the switches at /faults."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from functools import cache
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from companies.jinghe.backend.faults import Faults, FaultSwitch, FaultyAnswers
from companies.jinghe.backend.http_face import router
from companies.jinghe.backend.mcp_face import mcp_face
from companies.jinghe.backend.refusals import Missing, Refused, Unclear
from companies.jinghe.backend.seed import fill
from companies.jinghe.backend.service import Service
from companies.jinghe.backend.tables import open_database

TITLE = "京和电器 back end"


def make_app(database_url: str, today: date | Callable[[], date], faults: Faults | None = None) -> FastAPI:
    """The application over that database, filled if it is empty.

    database_url: for SQLAlchemy; ``sqlite://`` is one in memory. today: the day, or what tells it; orders are seeded in
    days relative to it.
    """
    now: Callable[[], date] = today if callable(today) else lambda: today
    engine = open_database(database_url)
    fill(engine, now())
    service = Service(engine, now)
    switch = FaultSwitch(faults or Faults())

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # Only where it is really served: MCP's sessions live in tasks of their own, and who uses the application in
        # this process has all its tools by HTTP.
        mcp = mcp_face(service).streamable_http_app(json_response=True, stateless_http=True)
        async with mcp.router.lifespan_context(mcp):
            app.mount("/", mcp)
            yield
        engine.dispose()

    app = _Described(title=TITLE, lifespan=lifespan)
    app.state.service = service
    app.state.faults = switch
    # The routes themselves: the copies that include_router makes take longer than all the rest.
    app.router.routes.extend(router.routes)
    app.add_middleware(FaultyAnswers, switch=switch)

    @app.get("/faults", include_in_schema=False)
    async def read_faults() -> Faults:
        return switch.faults

    @app.put("/faults", include_in_schema=False)
    async def set_faults(given: Faults) -> Faults:
        switch.set(given)
        return switch.faults

    @app.exception_handler(Missing)
    async def missing(_: Request, error: Missing) -> JSONResponse:
        return JSONResponse({"reason": "not_found"}, 404)

    @app.exception_handler(Refused)
    async def refused(_: Request, error: Refused) -> JSONResponse:
        return JSONResponse({"reason": error.reason}, 409)

    @app.exception_handler(Unclear)
    async def unclear(_: Request, error: Unclear) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, 422)

    return app


class _Described(FastAPI):
    """One document for all of them: it takes longer to write than the rest of an application, and is the same."""

    def openapi(self) -> dict[str, Any]:
        return _document()


@cache
def _document() -> dict[str, Any]:
    described = FastAPI(title=TITLE)
    described.include_router(router)
    return described.openapi()
