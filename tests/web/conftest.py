"""One running system for all page tests, and browser windows that tell every breach of the content policy."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from playwright.async_api import Browser

from tests.journeys.town import Town
from tests.stack import Stack
from tests.web.pages import Window


@pytest.fixture(scope="package")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """`lianban up` with enough households in each of the five demo counties."""
    running = await Stack("local", tmp_path_factory.mktemp("pages") / "data").start()
    yield running
    await running.stop()


@pytest.fixture
async def town(site: Stack) -> AsyncIterator[Town]:
    """Its people and users, over the public contract."""
    async with Town.of(site.address) as found:
        yield found


@pytest.fixture
async def window(site: Stack, browser: Browser) -> AsyncIterator[Callable[..., Awaitable[Window]]]:
    """`await window("window_clerk-331022", script=False)`: a browser of one's own, signed in.

    At its end no page may have broken the content policy, and no script may have failed.
    """
    opened: list[Window] = []

    async def open_window(user: str | None = None, *, script: bool = True) -> Window:
        made = await Window.open(browser, site.address, script=script)
        opened.append(made)
        if user is not None:
            await made.sign_in(user)
        return made

    yield open_window
    for one in opened:
        await one.context.close()
        assert not one.breaches, one.breaches
