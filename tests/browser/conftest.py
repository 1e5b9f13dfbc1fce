"""What looks at pages in a real browser is collected only where Playwright is installed: `nox -s browser` sees to that.

The browser itself is an installed Chromium or Chrome; where there is none, each test says so and fails.
"""

import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

collect_ignore_glob = [] if find_spec("playwright") else ["*"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
MISSING = f"No browser was found ({', '.join(NAMES)}): `apt-get install chromium`."


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """A browser without a window."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=[*FLAGS])
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium) -> Iterator[Callable[..., object]]:
    """Open a file as a page; whatever it complains of, and whatever it asks of the network, is a failure at the end."""
    complaints, contexts = [], []

    def open_(path: Path, **options: object) -> object:
        context = chromium.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: request.url.startswith(("file:", "data:")) or complaints.append(request.url))
        page.goto(path.as_uri())
        if options.get("java_script_enabled", True):
            page.locator("#controls").wait_for()
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []
