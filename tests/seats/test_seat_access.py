"""Who may sign in at a seat: from where, with what, and what is kept of it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.errors import HotlineError
from agent.seat_command import make_app
from agent.seats.signing_in import Asker, refusal
from agent.storage import Store

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
HERE = Asker("127.0.0.1", "127.0.0.1:8400", "http://127.0.0.1:8400")


@pytest.mark.parametrize(
    ("asker", "with_token", "demo_without"),
    [
        (HERE, None, None),
        (Asker("::1", "[::1]:8400", "http://[::1]:8400"), None, None),
        (Asker("127.0.0.1", "localhost:8400", None), None, None),
        (Asker("10.0.0.7", "hotline.example", "https://hotline.example"), None, "token_missing"),
        (Asker("127.0.0.1", "hotline.example", "https://hotline.example"), None, "token_missing"),
        (Asker("127.0.0.1", "127.0.0.1:8400", "https://hotline.example"), None, "token_missing"),
        (Asker("10.0.0.7", "10.0.0.1:8400", "http://10.0.0.1:8400"), "insecure_origin", "insecure_origin"),
        (Asker("10.0.0.7", "localhost:8400", None), "insecure_origin", "insecure_origin"),
        (Asker("127.0.0.1", "127.0.0.1:8400", HERE.origin, proxied=True), "insecure_origin", "insecure_origin"),
        (
            Asker("127.0.0.1", "rebound.example:8400", "http://rebound.example:8400"),
            "insecure_origin",
            "insecure_origin",
        ),
        (Asker("", "", ""), "insecure_origin", "insecure_origin"),
        (Asker("127.0.0.1", "[broken", None), "insecure_origin", "insecure_origin"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_from_where_one_may_sign_in(asker: Asker, with_token: str | None, demo_without: str | None) -> None:
    assert refusal(asker, has_token=True, open_on_loopback=True) == with_token
    assert refusal(asker, has_token=True, open_on_loopback=False) == with_token
    assert refusal(asker, has_token=False, open_on_loopback=True) == demo_without
    assert refusal(asker, has_token=False, open_on_loopback=False) in ("token_missing", "insecure_origin")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(f"sqlite:///{tmp_path / 'hotline.db'}", tmp_path)
    store.migrate()
    return store


def test_a_token_lets_in_its_owner_until_a_new_one_is_made_or_it_is_revoked(store: Store) -> None:
    first = store.make_seat_token("lin", NOW)
    assert store.seat_token_is_right("lin", first)
    assert not store.seat_token_is_right("lin", first + "x")
    assert not store.seat_token_is_right("wang", first) and not store.seat_token_is_right("lin", "")

    second = store.make_seat_token("lin", NOW)
    assert not store.seat_token_is_right("lin", first) and store.seat_token_is_right("lin", second)
    assert store.seat_logins() == {"lin": NOW}
    assert store.revoke_seat_token("lin") and not store.revoke_seat_token("lin")
    assert not store.seat_token_is_right("lin", second)


def test_the_token_itself_is_nowhere_in_the_database(store: Store, tmp_path: Path) -> None:
    token = store.make_seat_token("lin", NOW)
    store.close()

    kept = b"".join(file.read_bytes() for file in tmp_path.glob("hotline.db*"))
    assert b"lin" in kept and token.encode() not in kept


def test_the_command_makes_lists_and_revokes(store: Store) -> None:
    run = CliRunner()
    app = make_app(lambda: store)
    token = run.invoke(app, ["token", "lin"]).output.strip()

    assert store.seat_token_is_right("lin", token)
    assert "lin  since 20" in run.invoke(app, ["list"]).output
    assert "cannot sign in any more" in run.invoke(app, ["revoke", "lin"]).output
    refused = run.invoke(app, ["revoke", "lin"]).exception
    assert isinstance(refused, HotlineError) and "has no token" in str(refused)
    assert isinstance(run.invoke(app, ["token", "  "]).exception, HotlineError)
