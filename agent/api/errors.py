"""All errors leave as one JSON shape: ``{"code": …, "message": …}``."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from loguru import logger
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from agent.errors import HotlineError

_STATUS = {
    "not_found": 404,
    "recording_missing": 404,
    "conflict": 409,
    "days_invalid": 422,
    "storage_failed": 503,
    "protocol_error": 400,
}
_NAMES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 503: "unavailable"}


class ErrorBody(BaseModel):
    """What every error response holds."""

    code: str = Field(description="stable and machine-readable", examples=["not_found"])
    message: str = Field(description="what was wrong and what would be right")


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For the OpenAPI document: these statuses answer with an ErrorBody."""
    words = {
        404: "There is no such thing",
        409: "Not possible in this state",
        422: "The request is not valid",
    }
    words[503] = "The database does not work at the moment"
    return {status: {"model": ErrorBody, "description": words[status]} for status in statuses}


def install(app: FastAPI) -> None:
    """Turn every exception into the one shape."""

    @app.exception_handler(HotlineError)
    async def hotline_error(request: Request, error: HotlineError) -> JSONResponse:
        status = _STATUS.get(error.code, 500)
        if status >= 500:
            logger.error("{} {}: {}", request.method, request.url.path, error)
        return _answer(status, error.code, str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid_request(_request: Request, error: RequestValidationError) -> JSONResponse:
        problems = (f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}" for problem in error.errors())
        return _answer(422, "invalid_request", "; ".join(problems))

    @app.exception_handler(HTTPException)
    async def http_error(_request: Request, error: HTTPException) -> JSONResponse:
        name = _NAMES.get(error.status_code, f"http_{error.status_code}")
        return _answer(error.status_code, name, str(error.detail), dict(error.headers or {}))

    @app.exception_handler(Exception)
    async def unexpected(_request: Request, _error: Exception) -> JSONResponse:
        # The server logs the traceback; what went wrong inside is nobody's business outside.
        return _answer(500, "internal_error", "something went wrong inside; the log of the hotline says what")


def _answer(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"code": code, "message": message}, status_code=status, headers=headers)
