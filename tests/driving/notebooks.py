"""What a person does in Jupyter's faces: opens a new notebook, types code, reads the answer.

He waits for the kernel: what is run before it is there is run by nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from selenium.webdriver.common.keys import Keys

from driving.browser import browser

if TYPE_CHECKING:
    from driving.browser import Page


def answer_in_lab(url: str, code: str, kernel: str = "Python 3") -> str:
    """What JupyterLab shows below a cell with this code, once it has run."""
    with browser() as page:
        page.open(url)
        page.see('.jp-LauncherCard[data-category="Notebook"]').click()
        return _run_cell(page, code, kernel)


def answer_in_notebook(url: str, code: str) -> str:
    """The same in Jupyter Notebook."""
    with browser() as page:
        page.open(url)
        page.see(".jp-DropdownMenu .lm-MenuBar-item", "New").click()
        page.see('.lm-Menu-item[data-command="notebook:create-new"]').click()
        page.follow()
        return _run_cell(page, code, "Python 3")


def answer_in_console(url: str, code: str) -> str:
    """What JupyterLab shows in a console, which is no file."""
    with browser() as page:
        page.open(url)
        page.see('.jp-LauncherCard[data-category="Console"]').click()
        page.see(".jp-CodeConsole-banner", "IPython")
        return _run(page, ".jp-CodeConsole-promptCell .cm-content", code)


def _run_cell(page: Page, code: str, kernel: str) -> str:
    page.see(".jp-Toolbar-kernelName", kernel)
    page.see('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
    return _run(page, ".jp-Notebook .jp-mod-active .cm-content", code)


def _run(page: Page, editor: str, code: str) -> str:
    page.see(editor).click()
    page.press(code)
    page.press(Keys.ENTER, holding=Keys.SHIFT)
    return page.see(".jp-OutputArea-output").text
