"""One thing done at the back end: in one transaction, and once."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from companies.jinghe.backend.refusals import Unclear
from companies.jinghe.backend.tables import Done

R = TypeVar("R")
A = TypeVar("A", bound=BaseModel)


class Service:
    """``today``: the day now; the back end runs longer than one."""

    def __init__(self, engine: Engine, today: Callable[[], date]) -> None:
        self._engine = engine
        self._today = today

    @property
    def today(self) -> date:
        return self._today()

    def read(self, work: Callable[[Session], R]) -> R:
        with Session(self._engine) as session:
            return work(session)

    def change(
        self, key: str | None, operation: str, arguments: dict[str, Any], answer: type[A], work: Callable[[Session], A]
    ) -> A:
        """Do the work, and keep its answer: the same key again gives the same answer, and nothing is done. What was
        refused is not kept, as nothing was done either. Raises Unclear where the key stood for something else.
        """
        with Session(self._engine) as session, session.begin():
            before = session.get(Done, key) if key is not None else None
            if before is not None:
                if (before.operation, before.arguments) != (operation, arguments):
                    raise Unclear("this idempotency key was used for something else")
                return answer.model_validate(before.answer)
            done = work(session)
            if key is not None:
                kept = done.model_dump(mode="json")
                session.add(Done(key=key, operation=operation, arguments=arguments, answer=kept))
            return done
