"""What all rooms' tests share: the real engines, loaded once for the whole run."""

import sys
from collections.abc import Iterator

import pytest
from loguru import logger

from agent.application import Application, build, warm_up
from agent.config import ModelsSettings, Settings, StorageSettings
from models.errors import ModelError


@pytest.fixture(scope="session", autouse=True)
def quiet_log() -> None:
    """Formatting pipecat's debug log of every call costs as much as the calls."""
    logger.remove()
    logger.add(sys.__stderr__, level="CRITICAL", backtrace=False, diagnose=False)


@pytest.fixture(scope="session")
def real_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """The application with the real models of the cpu profile. A missing model fails the tests; it never skips them."""
    settings = Settings(
        models=ModelsSettings(profile="cpu"), storage=StorageSettings(data_dir=tmp_path_factory.mktemp("real"))
    )
    try:
        app = build(settings)
    except ModelError as error:
        pytest.fail(f"{error}. These tests need the real weights: run `make models`", pytrace=False)
    warm_up(app)
    yield app
    app.store.close()
