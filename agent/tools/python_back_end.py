"""Tools that are functions of a Python module.

A function takes the tool's arguments by name, and ``idempotency_key`` too where it changes something; it returns what
JSON can hold, and raises `NotFound`, `Rejected` or, for being out of order, anything else. It may be async; if it is
not, it runs in a thread.
"""

import importlib
import inspect
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from anyio import CapacityLimiter, to_thread

from agent.errors import CompanyError
from agent.tools.answer import KEY_ARGUMENT, BadAnswer, NotFound, Rejected, Unreachable

THREADS = 8
"""Of its own: a function that hangs must not hold threads that the rest of the hotline waits for."""


class PythonBackEnd:
    """The functions of a module. Raises CompanyError where there is no such module, or it fails."""

    def __init__(self, module: str) -> None:
        self._module = _import(module)
        self._threads: CapacityLimiter | None = None

    async def ask(self, operation: str, arguments: Mapping[str, Any], key: str | None) -> Any:
        function = getattr(self._module, operation, None)
        if not callable(function) or operation.startswith("_"):
            raise BadAnswer(f"{self._module.__name__} has no function {operation}")
        given = {**arguments, **({KEY_ARGUMENT: key} if key is not None else {})}
        try:
            return await self._run(function, given)
        except (NotFound, Rejected, Unreachable, BadAnswer):
            raise
        except Exception as error:
            raise Unreachable(f"{operation} raised {type(error).__name__}") from error

    async def aclose(self) -> None:
        """Nothing is held."""

    async def _run(self, function: Callable[..., Any], given: Mapping[str, Any]) -> Any:
        if inspect.iscoroutinefunction(function):
            return await function(**given)
        self._threads = self._threads or CapacityLimiter(THREADS)
        return await to_thread.run_sync(lambda: function(**given), abandon_on_cancel=True, limiter=self._threads)


def _import(module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except Exception as error:
        raise CompanyError(
            f"tools: the Python module {module} cannot be imported: {type(error).__name__}: {error}"
        ) from error
