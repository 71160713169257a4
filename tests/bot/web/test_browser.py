"""The page's flows in a real headless Chromium: light, dark, on a phone, by keyboard.

With FOOTNOTE_SCREENSHOTS set to a folder, what is seen is kept there to be looked at.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from bot.receipts import Receipts
from knowledge.config import DOCUMENTS as SHIPPED
from tests.bot.insight.month import live
from tests.bot.web.place import COLLAPSE, QUESTION, application, served

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
SCREENSHOTS = os.environ.get("FOOTNOTE_SCREENSHOTS")
PHONE = {"width": 375, "height": 700}
DESK = {"width": 1100, "height": 800}
# Chromium must not call home from the tests either.
QUIET = ("--no-sandbox", "--disable-background-networking", "--disable-sync", "--no-first-run")

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium is installed; the page's HTTP tests ran all the same"
)

# The machine may be busy with other things.
expect.set_options(timeout=20_000)


@dataclass(frozen=True)
class Shown:
    """The page's address, and what holds its answers in the middle."""

    address: str
    gate: threading.Event


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """A page over some of the shipped documents and a month of questions."""
    folder = tmp_path_factory.mktemp("page")
    names = sorted(file.name for file in SHIPPED.glob("*.md"))[::4]
    documents = {name: (SHIPPED / name).read_text("utf-8") for name in names}
    gan = "gan-training-and-mode-collapse.md"
    documents |= {gan: (SHIPPED / gan).read_text("utf-8") + f"\n\n## In short\n\n{COLLAPSE}\n"}
    app = application(folder, documents=documents)
    store = Receipts(app.settings.home / "receipts.sqlite3")
    live(store, [(each.id, each.title) for each in app.library.documents()], end=datetime.now(UTC))
    store.close()
    with served(app) as place:
        yield Shown(place, app.gate)


@pytest.fixture
def address(shown: Shown) -> str:
    """The page's address."""
    return shown.address


@pytest.fixture
def held(shown: Shown) -> Iterator[threading.Event]:
    """Answers stay half written until this is set."""
    shown.gate.clear()
    yield shown.gate
    shown.gate.set()


@contextmanager
def seen(browser: Browser, address: str, **how: object) -> Iterator[Page]:
    """A page in a context of its own, in which nothing may go wrong or elsewhere."""
    context: BrowserContext = browser.new_context(base_url=address, **how)
    page = context.new_page()
    foreign: list[str] = []
    wrong: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((address, "data:")):
            foreign.append(request.url)

    page.on("request", note)
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    assert foreign == []
    assert wrong == []


def keep(page: Page, name: str, **how: object) -> None:
    """Keep what is seen, where somebody wants to look at it."""
    if SCREENSHOTS:
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png", **how)


def ask(page: Page, question: str = QUESTION) -> None:
    """Type a question and press Enter."""
    page.goto("/")
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")


def no_wider_than_its_window(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_an_answer_is_written_before_the_eyes_and_its_source_opens(
    browser: Browser, address: str, held: threading.Event, scheme: str, size: dict[str, int]
) -> None:
    name = f"{scheme}-{'phone' if size is PHONE else 'desk'}"
    with seen(browser, address, viewport=size, color_scheme=scheme) as page:
        ask(page)
        expect(page.locator(".draft")).to_contain_text("Mode coll")
        expect(page.get_by_role("heading", name="In the documents")).to_be_visible()
        keep(page, f"writing-{name}")

        held.set()
        expect(page.locator("article.answer")).to_be_visible(timeout=20_000)
        expect(page.locator(".draft")).to_be_hidden()
        source = page.locator(".text .cite a").first
        source.hover()
        expect(page.locator(".text [role=tooltip]").first).to_be_visible()
        assert no_wider_than_its_window(page)
        keep(page, f"answer-{name}")

        source.click()
        expect(page.locator("mark").first).to_be_in_viewport()
        expect(page.locator("mark").first).to_contain_text("generator produces")
        assert no_wider_than_its_window(page)
        keep(page, f"source-{name}")


def test_the_keyboard_does_all_of_it(browser: Browser, address: str) -> None:
    with seen(browser, address, viewport=DESK) as page:
        page.goto("/")
        page.keyboard.type(QUESTION)
        page.keyboard.press("Enter")
        expect(page.locator("article.answer")).to_be_visible(timeout=20_000)

        tip = page.locator(".text [role=tooltip]").first
        page.locator(".text .cite a").first.focus()
        expect(tip).to_be_visible()
        page.keyboard.press("Escape")
        expect(tip).to_be_hidden()
        page.keyboard.press("Enter")
        expect(page.locator("mark").first).to_be_visible()

        page.keyboard.press("Tab")
        page.goto("/documents")
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()


@pytest.mark.usefixtures("held")
def test_an_answer_can_be_stopped(browser: Browser, address: str) -> None:
    with seen(browser, address, viewport=DESK) as page:
        ask(page)
        expect(page.locator(".draft")).to_contain_text("Mode")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("article.answer")).to_be_visible(timeout=10_000)


def test_without_scripts_it_works_as_well(browser: Browser, address: str) -> None:
    with seen(browser, address, viewport=DESK, java_script_enabled=False) as page:
        page.goto("/")
        page.get_by_label("Your question").fill(QUESTION)
        page.get_by_role("button", name="Ask").click()
        expect(page.locator("article.answer")).to_contain_text("few kinds of samples")


def test_a_follow_up_is_asked_from_the_answer_s_page(browser: Browser, address: str) -> None:
    with seen(browser, address, viewport=DESK) as page:
        ask(page)
        page.get_by_role("link", name="why, and follow up").click()
        page.get_by_label("Follow up").fill("And what is mode collapse like?")
        page.get_by_role("button", name="Ask").click()
        expect(page.locator("#answer article.answer")).to_be_visible(timeout=20_000)
        keep(page, "receipt", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(
    "where", ["documents", "receipts", "gaps", "golden", "evaluations", "stats"]
)
def test_every_page_fits_its_window(
    browser: Browser, address: str, where: str, scheme: str, size: dict[str, int]
) -> None:
    with seen(browser, address, viewport=size, color_scheme=scheme) as page:
        page.goto(f"/{where}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("nav [aria-current=page]")).to_have_count(1)
        for picture in page.locator("img").all():
            picture.scroll_into_view_if_needed()
            expect(picture).to_have_js_property("complete", value=True)
            assert picture.evaluate("image => image.naturalWidth") == 1080
        assert no_wider_than_its_window(page)
        keep(page, f"{where}-{scheme}-{'phone' if size is PHONE else 'desk'}")


CONTRAST = """() => {
  const light = (text) => {
    const parts = text.match(/[\\d.]+/g).slice(0, 3).map((p) => p / 255)
      .map((p) => p <= 0.04045 ? p / 12.92 : ((p + 0.055) / 1.055) ** 2.4);
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const ground = (node) => {
    for (; node; node = node.parentElement) {
      const colour = getComputedStyle(node).backgroundColor;
      if (!/, 0\\)$|transparent/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const weak = [];
  for (const node of document.querySelectorAll("body *")) {
    const said = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!said || !node.checkVisibility()) continue;
    const pair = [light(getComputedStyle(node).color), light(ground(node))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) weak.push(`${ratio.toFixed(2)} ${node.outerHTML.slice(0, 80)}`);
  }
  return weak;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(browser: Browser, address: str, scheme: str) -> None:
    with seen(browser, address, viewport=DESK, color_scheme=scheme) as page:
        ask(page)
        expect(page.locator("article.answer")).to_be_visible(timeout=20_000)
        page.locator(".text .cite a").first.hover()
        assert page.evaluate(CONTRAST) == []
        for where in ("documents", "receipts", "golden", "evaluations", "stats"):
            page.goto(f"/{where}")
            assert page.evaluate(CONTRAST) == [], where


def test_every_control_has_a_name_and_every_id_is_its_own(browser: Browser, address: str) -> None:
    nameless = """() => [...document.querySelectorAll("a, button, input, textarea, select, img")]
      .filter((n) => n.type !== "hidden" && !(n.textContent.trim() || n.alt || n.ariaLabel
        || (n.labels && n.labels.length))).map((n) => n.outerHTML)"""
    doubled = """() => { const ids = [...document.querySelectorAll("[id]")].map((n) => n.id);
      return ids.filter((id, place) => ids.indexOf(id) !== place); }"""
    with seen(browser, address, viewport=DESK) as page:
        for where in ("", "documents", "receipts", "stats"):
            page.goto(f"/{where}")
            assert page.evaluate(nameless) == []
            assert page.evaluate(doubled) == []
