"""A headless Chromium, for tests that look at an app as a person does.

It blocks: a test that has a kernel drives it in a thread. What it showed when a test failed is kept
in `.cache/pictures` of the clone; with POLYKERNEL_PICTURES=DIRECTORY what it showed at last is kept
there for every test.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from polykernel_builder.catalog import Tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from selenium.webdriver.remote.webelement import WebElement

T = TypeVar("T")

BROWSERS = ("chromium", "google-chrome")
DRIVER = "chromedriver"
# Seconds for what a page does; the first page of a large app on a busy machine takes long.
PATIENCE = 60.0
OPTIONS = (
    "--headless",
    "--window-size=1280,900",
    # Root may not have its sandbox; what is opened here is our own.
    "--no-sandbox",
    # Shared memory is small in containers.
    "--disable-dev-shm-usage",
    # The apps are here: no proxy, and nobody else is asked for anything.
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Page:
    """What the browser shows. Each method that waits raises TimeoutException, saying for what."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def open(self, url: str) -> None:
        """Go there; the page is loaded then, but it may not yet show what its scripts make."""
        self.driver.get(url)

    def follow(self) -> None:
        """Go to the window that the page before opened."""
        opened = self.until(lambda: self.driver.window_handles[1:], "another window")
        self.driver.switch_to.window(opened[-1])

    def see(self, css: str, text: str = "") -> WebElement:
        """Wait until an element with this selector is visible, and has this text in it."""
        return self.until(lambda: self._visible(css, text), f"{css} with the text {text!r}")

    def _visible(self, css: str, text: str) -> WebElement | None:
        found = self.driver.find_elements(By.CSS_SELECTOR, css)
        shown = (element for element in found if element.is_displayed() and text in element.text)
        return next(shown, None)

    def press(self, *keys: str, holding: str = "") -> None:
        """Type into whatever has the focus; see selenium's `Keys` for those without a letter."""
        chain = ActionChains(self.driver)
        for key in holding:
            chain.key_down(key)
        chain.send_keys(*keys)
        for key in holding:
            chain.key_up(key)
        chain.perform()

    def script(self, code: str, *arguments: object) -> Any:  # noqa: ANN401
        """What a piece of JavaScript returns."""
        return self.driver.execute_script(code, *arguments)

    def until(self, condition: Callable[[], T | None], what: str) -> T:
        """Wait until the condition gives something true, and return that."""
        wait = WebDriverWait(
            self.driver,
            PATIENCE,
            poll_frequency=0.1,
            ignored_exceptions=[StaleElementReferenceException],
        )
        seen = wait.until(lambda _: condition(), f"not seen at {self.driver.current_url}: {what}")
        assert seen
        return seen

    def keep(self, directory: Path) -> Path:
        """Keep a picture, named after the running test, and beside it what the console has."""
        test = os.environ.get("PYTEST_CURRENT_TEST", "").split("::")[-1].partition(" (")[0]
        name = re.sub(r"[^\w-]+", "-", test).strip("-") or "page"
        picture = directory / f"{name}.png"
        directory.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(picture))
        log: list[dict[str, Any]] = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        lines = [str(entry["message"]) for entry in log]
        text = "\n".join([self.driver.current_url, *lines, ""])
        picture.with_suffix(".txt").write_text(text, encoding="utf-8")
        return picture


@contextmanager
def browser() -> Iterator[Page]:
    """A browser that nobody has used before, and that leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as home:
        driver = _start(home)
        page = Page(driver)
        try:
            yield page
        except BaseException:
            kept = page.keep(_pictures() or Tree.here().cache / "pictures")
            sys.stderr.write(f"what the browser showed: {kept}\n")
            raise
        else:
            if directory := _pictures():
                page.keep(directory)
        finally:
            driver.quit()


def _pictures() -> Path | None:
    named = os.environ.get("POLYKERNEL_PICTURES")
    return Path(named) if named else None


def _start(home: str) -> Chrome:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which(DRIVER)
    assert browser, f"none of {', '.join(BROWSERS)} is on PATH; ./test installs one"
    assert driver, f"{DRIVER} is not on PATH; ./test installs it"
    options = ChromeOptions()
    options.binary_location = browser
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for option in (*OPTIONS, f"--user-data-dir={home}/profile"):
        options.add_argument(option)
    # Named, or Selenium looks for one on the network.
    service = ChromeService(driver, env={**os.environ, "HOME": home, "XDG_CONFIG_HOME": home})
    return Chrome(options=options, service=service)
