"""A migrated store in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.storage import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'hotline.db'}", tmp_path)
    store.migrate()
    yield store
    store.close()
