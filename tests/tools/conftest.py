from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from agent.tools.desk import OpenDesk, open_desk
from tests.tools.demo_site import Site, open_site


@pytest.fixture(scope="session")
def one_site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture
def site(one_site: Site) -> Iterator[Site]:
    """The same back end in all tests, each of which finds it sound."""
    yield one_site
    one_site.fail()


@pytest_asyncio.fixture
async def http_desk(site: Site) -> AsyncIterator[OpenDesk]:
    """A desk over the one that really listens."""
    async with open_desk(site.over("http")) as desk:
        yield desk
