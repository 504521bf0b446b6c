"""The tokens of people at seats: made once, shown once, kept as a salted scrypt hash."""

import hashlib
import hmac
import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.storage.tables import SeatToken

TOKEN_BYTES = 18
"""144 random bits, 24 characters."""
_SALT_BYTES = 16


def make_token(session: Session, login: str, at: datetime) -> str:
    """A new token for this login; an older one is worth nothing from now on."""
    token, salt = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_bytes(_SALT_BYTES)
    session.merge(SeatToken(login=login, salt=salt.hex(), hash=_hash(token, salt), made_at=at))
    return token


def is_right(session: Session, login: str, token: str) -> bool:
    """Whether this is the login's token. Takes some 50 ms of one core, also where there is no such login."""
    row = session.get(SeatToken, login)
    given = _hash(token, bytes.fromhex(row.salt) if row is not None else bytes(_SALT_BYTES))
    return row is not None and hmac.compare_digest(given, row.hash)


def revoke(session: Session, login: str) -> bool:
    """Nobody signs in with this login any more. False where nobody could before."""
    row = session.get(SeatToken, login)
    if row is not None:
        session.delete(row)
    return row is not None


def logins(session: Session) -> dict[str, datetime]:
    """Who has a token, and since when."""
    rows = session.scalars(select(SeatToken).order_by(SeatToken.login))
    return {row.login: row.made_at for row in rows}


def _hash(token: str, salt: bytes) -> str:
    return hashlib.scrypt(token.encode(), salt=salt, n=2**14, r=8, p=1).hex()
