"""``hotline seat token | revoke | list``: who may sign in at ``/seat``."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from agent.errors import HotlineError
from agent.storage import Store


def make_app(store: Callable[[], Store]) -> typer.Typer:
    """The sub-commands. ``store``: the migrated store, opened when it is needed."""
    app = typer.Typer(no_args_is_help=True, help="People at seats: make or revoke what they sign in with, list them.")
    out = Console(highlight=False, soft_wrap=True)
    login_argument = typer.Argument(metavar="LOGIN", help="The login, as in the company's routing/seats.yaml.")

    @app.command("token")
    def token_command(login: Annotated[str, login_argument]) -> None:
        """Make a token and show it, this once; an older one of the same login no longer works."""
        token = store().make_seat_token(_a_login(login), datetime.now(UTC))
        out.print(token, markup=False)

    @app.command("revoke")
    def revoke_command(login: Annotated[str, login_argument]) -> None:
        """Let nobody sign in with this login any more."""
        if not store().revoke_seat_token(login):
            raise HotlineError("not_found", f"login {login!r} has no token; hotline seat list shows who has one")
        out.print(f"{login} cannot sign in any more", markup=False)

    @app.command("list")
    def list_command() -> None:
        """Who can sign in, and since when."""
        for login, made_at in store().seat_logins().items():
            out.print(f"{login}  since {made_at.astimezone():%Y-%m-%d %H:%M}", markup=False)

    return app


def _a_login(login: str) -> str:
    if not login.strip() or len(login) > 128 or login != login.strip():
        raise HotlineError("usage", f"{login[:80]!r} is no login: 1 to 128 characters, none of them a space at an end")
    return login
