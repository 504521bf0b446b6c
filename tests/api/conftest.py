"""The real application over a store with real calls."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from agent.api.app import AppDeps, create_app
from agent.api.live import LiveEvents
from agent.config import Settings
from agent.storage import Store
from tests.storage.seed import STARTED, complaint, hostile, order_query, store_call, write_wav

NOW = datetime(2025, 11, 21, 7, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Site:
    client: TestClient
    store: Store
    live: LiveEvents


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    store = Store(f"sqlite:///{tmp_path / 'hotline.db'}", tmp_path)
    store.migrate()
    for talk in (complaint(), order_query(), hostile(), complaint("CA-live", live=True)):
        store_call(store, talk, STARTED)
    write_wav(store.recording_path("CA-washer"), 2000)
    write_wav(store.recording_path("CA-live"), 2000)
    live = LiveEvents()
    app = create_app(AppDeps(store=store, settings=Settings(), live=live, now=lambda: NOW))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Site(client, store, live)
    store.close()
