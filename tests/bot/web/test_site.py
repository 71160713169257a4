"""The page over HTTP: questions, what is looked up, and that nothing of it comes from elsewhere."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bot.evaluation import evaluate_file
from bot.golden import GoldenAnswers
from bot.receipts import Feedback, Receipts
from tests.bot.scripted import refused
from tests.bot.test_receipts import receipt
from tests.bot.web.place import COLLAPSE, QUESTION, PageApp, application, ask, served
from tests.fakes import index, write_files

PAGES = ("/", "/documents", "/receipts", "/gaps", "/golden", "/evaluations", "/stats")
EVENT = re.compile(r"event: (\w+)\n((?:data: .*\n)+)\n")


@pytest.fixture
def app(tmp_path: Path) -> PageApp:
    """An application with two documents."""
    return application(tmp_path)


@pytest.fixture
def page(app: PageApp) -> Iterator[httpx.Client]:
    """A client of its page."""
    with served(app) as address, httpx.Client(base_url=address, timeout=20) as client:
        yield client


@pytest.fixture
def store(app: PageApp) -> Iterator[Receipts]:
    """The receipts that the page reads."""
    opened = Receipts(app.settings.home / "receipts.sqlite3")
    yield opened
    opened.close()


def heard(client: httpx.Client, question: str = QUESTION) -> list[tuple[str, str]]:
    """The events that a browser with scripts hears after asking."""
    taken = client.post("/ask", data={"question": question}, headers={"HX-Request": "true"})
    (address,) = re.findall(r'sse-connect="([^"]+)"', taken.text)
    return events(client, address)


def events(client: httpx.Client, address: str) -> list[tuple[str, str]]:
    """The events of an address, each with its HTML."""
    answer = client.get(address)
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = EVENT.findall(answer.text)
    return [(name, data.replace("data: ", "").strip()) for name, data in found]


def words(text: str) -> str:
    """What a page says, without its marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def test_a_question_is_answered_with_its_source_without_any_script(page: httpx.Client) -> None:
    answer = ask(page)

    assert answer.status_code == 200
    assert "/receipts/" in str(answer.url)
    assert COLLAPSE in words(answer.text)
    assert 'role="tooltip"' in answer.text
    assert "GANs" in words(answer.text)


def test_with_scripts_evidence_comes_first_then_the_draft_then_the_answer(
    page: httpx.Client,
) -> None:
    found = heard(page)

    names = [name for name, _ in found]
    assert names[0] == "evidence"
    assert names.count("draft") > 3
    assert names[-2:] == ["answer", "done"]
    assert "".join(words(data) for name, data in found if name == "draft")
    assert COLLAPSE in words(found[-2][1])


def test_pieces_of_the_draft_keep_the_spaces_between_words(page: httpx.Client) -> None:
    taken = page.post("/ask", data={"question": QUESTION}, headers={"HX-Request": "true"})
    (address,) = re.findall(r'sse-connect="([^"]+)"', taken.text)

    # As a browser reads it: one space after the colon belongs to the format, the rest to the text.
    body = page.get(address).text
    pieces = re.findall(r"event: draft\ndata: (.*)\n\n", body)

    assert "".join(pieces) == COLLAPSE


def test_an_answer_is_given_once(page: httpx.Client) -> None:
    taken = page.post("/ask", data={"question": QUESTION}, headers={"HX-Request": "true"})
    (address,) = re.findall(r'sse-connect="([^"]+)"', taken.text)
    events(page, address)

    again = events(page, address)

    assert [name for name, _ in again] == ["answer", "done"]
    assert "answered already" in again[0][1]


def test_what_the_documents_do_not_say_is_refused_with_the_nearest(page: httpx.Client) -> None:
    said = words(ask(page, "Who won the football cup in Sweden?").text)

    assert "The documents don’t answer this." in said
    assert "The nearest passages" in said


@pytest.mark.parametrize("question", ["", "   ", "x" * 601])
def test_what_is_no_question_is_told(page: httpx.Client, question: str) -> None:
    plain = ask(page, question)
    by_script = page.post("/ask", data={"question": question}, headers={"HX-Request": "true"})

    assert plain.status_code == 400
    assert 'role="alert"' in plain.text
    assert 'role="alert"' in by_script.text
    assert "sse-connect" not in by_script.text


def test_a_follow_up_remembers_what_was_asked(page: httpx.Client, app: PageApp) -> None:
    first = ask(page, "Who introduced GANs?")
    parent = str(first.url).rsplit("/", 1)[1]

    second = ask(page, "When was that?", parent=parent)

    assert f'name="parent" value="{str(second.url).rsplit("/", 1)[1]}"' in second.text
    assert "GANs" in app.generator.prompts[-1].question + app.generator.prompts[-1].evidence


def test_a_library_that_is_not_there_is_told(page: httpx.Client) -> None:
    assert "no such library" in ask(page, scope="guild:77").text


def test_a_citation_opens_its_document_with_the_quote_marked(page: httpx.Client) -> None:
    (link,) = set(re.findall(r'href="(/receipts/\w+/sources/1)#quote"', ask(page).text))

    opened = page.get(link)

    assert f"<mark>{COLLAPSE}</mark>" in opened.text
    assert 'id="quote"' in opened.text
    assert "Ian Goodfellow" in opened.text


def test_a_quote_that_does_not_stand_any_more_is_told(
    page: httpx.Client, app: PageApp, tmp_path: Path
) -> None:
    (link,) = set(re.findall(r'href="(/receipts/\w+/sources/1)#quote"', ask(page).text))
    changed = write_files(tmp_path / "notes", {"gan.md": "# GANs\n\nThey were rewritten.\n"})
    index(app.library, changed, embedder=app.embedder)

    opened = page.get(link)

    assert "does not stand in it any more" in opened.text
    assert COLLAPSE in words(opened.text)
    assert "<mark>" not in opened.text


def test_documents_are_listed_found_and_opened(page: httpx.Client) -> None:
    listed = page.get("/documents")
    (link,) = [
        html.unescape(each)
        for each in re.findall(r'href="(/document\?[^"]+)"', listed.text)
        if "vae" in each
    ]
    searched = page.get("/documents", params={"q": "mode collapse"})

    assert "VAEs" in listed.text
    assert "variational autoencoder" in page.get(link).text
    assert COLLAPSE in words(searched.text)


def test_what_documents_and_people_write_is_shown_and_never_run(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)> mode collapse {{ 7 * 7 }}"
    app = application(tmp_path, documents={"evil.md": f"# Evil <b>\n\n```\n{evil}\n```\n"})
    with served(app) as address, httpx.Client(base_url=address, timeout=20) as client:
        shown = [
            client.get("/documents").text,
            client.get("/documents", params={"q": evil}).text,
            client.get("/document", params={"scope": "shared", "id": "evil.md"}).text,
            ask(client, f"{evil}?").text,
            client.get("/receipts").text,
            client.get("/", params={"q": evil}).text,
        ]
        shown += [data for _, data in heard(client, f"{evil}?")]

    for each in shown:
        assert "<script>alert" not in each
        assert "<img src=x" not in each
    assert "7 * 7" in shown[2]
    assert "&lt;script&gt;alert(1)" in shown[2]


def test_questions_are_listed_by_how_they_ended_with_opinions(
    page: httpx.Client, store: Receipts
) -> None:
    store.save(receipt("a", question="A public one?"))
    store.rate(Feedback("a", 5, True, "", "", 1.0))
    refusal = ask(page, "Who won the football cup in Sweden?")

    everything = words(page.get("/receipts").text)
    answered = words(page.get("/receipts", params={"status": "answered"}).text)

    assert refusal.status_code == 200
    assert "A public one?" in everything
    assert "1 helpful" in everything
    assert "football" in everything
    assert "football" not in answered


def test_a_long_list_has_pages(page: httpx.Client, store: Receipts) -> None:
    for n in range(70):
        store.save(receipt(f"r{n}", question=f"Question {n:02}?", asked_at=float(n)))

    first, second = page.get("/receipts"), page.get("/receipts", params={"skip": 30})

    assert "Question 69?" in first.text
    assert "Question 39?" not in first.text
    assert "Question 39?" in second.text
    assert "newer" in second.text
    assert "older" in second.text


def test_what_was_asked_in_private_is_shown_nowhere(page: httpx.Client, store: Receipts) -> None:
    store.save(receipt("p", question="My secret?", private=True))

    for address in PAGES:
        assert "secret" not in page.get(address).text
    assert page.get("/receipts/p").status_code == 404
    assert page.get("/receipts/p/sources/1").status_code == 404


def test_a_receipt_shows_verdicts_evidence_and_opinions(
    page: httpx.Client, store: Receipts
) -> None:
    store.save(receipt("a"))
    store.rate(Feedback("a", 5, False, "wrong", "not in 2014", 1.0))

    said = words(page.get("/receipts/a").text)

    assert "all its words stand in [1]" in said
    assert "+5.0" in said
    assert "Not helpful: It is wrong, “not in 2014”" in said


def test_gaps_and_golden_answers_are_shown(
    page: httpx.Client, store: Receipts, app: PageApp
) -> None:
    kept = receipt("g", guild=None)
    late = replace(receipt("w"), asked_at=time.time(), question="When is tea?")
    store.save(replace(late, answer=refused("When is tea?")))
    golden = GoldenAnswers(app.settings.home / "receipts.sqlite3")
    golden.mark(kept, scope="shared")
    golden.close()

    assert "When is tea? asked 1 time" in words(page.get("/gaps").text)
    assert "What is mode collapse? Mode collapse is when" in words(page.get("/golden").text)


def test_evaluations_that_were_kept_are_listed_and_opened(
    page: httpx.Client, app: PageApp, tmp_path: Path
) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text('{"id": "1", "question": "Who introduced GANs?", "must": [["Goodfellow"]]}\n')
    evaluate_file(app, cases, out=None, html=None, compare=None, quiet=True)
    folder = app.settings.home / "evaluations"
    (folder / "broken.json").write_text("{")

    listed = page.get("/evaluations")
    (link,) = re.findall(r'href="(/evaluations/[^"]+)"', listed.text)
    opened = page.get(link)

    assert "100.0 %" in listed.text
    assert "Goodfellow" in opened.text
    assert "sandbox" in opened.headers["content-security-policy"]
    assert "script-src" not in opened.headers["content-security-policy"]
    assert page.get("/evaluations/broken").status_code == 404
    assert page.get("/evaluations/..%2Freceipts").status_code == 404


def test_figures_are_shown_as_text_and_pictures(page: httpx.Client) -> None:
    ask(page)

    shown = page.get("/stats")
    chart = page.get("/stats/chart.png", params={"theme": "dark", "days": "7"})
    drawn = page.get("/stats/map.png")

    assert "1 by 1 person" in words(shown.text)
    assert "Questions: 1 by 1 person" in shown.text
    for picture in (chart, drawn):
        assert picture.headers["content-type"] == "image/png"
        assert picture.content[:4] == b"\x89PNG"
    assert page.get("/stats/other.png").status_code == 404
    assert page.get("/stats/chart.png", params={"theme": "pink"}).status_code == 404


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_whole_and_asks_nothing_of_elsewhere(
    page: httpx.Client, address: str
) -> None:
    ask(page)

    answer = page.get(address)

    assert answer.status_code == 200
    assert answer.text.startswith('<!doctype html>\n<html lang="en">')
    assert answer.text.count("<h1>") == 1
    assert 'href="#main"' in answer.text
    assert not re.findall(r'(?:src|href|action|srcset)="(?!/|#)[^"]*"', answer.text)
    assert not re.findall(r"\son\w+=|style=|<style|javascript:", answer.text)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_what_pages_load_is_there(page: httpx.Client) -> None:
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.get("/").text):
        assert page.get(address).status_code == 200, address
    assert "Zero-Clause BSD" in page.get("/static/HTMX-LICENCE.txt").text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/nowhere", 404),
        ("/receipts/nobody", 404),
        ("/document?id=none.md", 404),
        ("/document?scope=guild:9&id=gan.md", 404),
        ("/static/../guard.py", 404),
        ("/receipts?skip=many&status=odd", 200),
        ("/stats?days=0", 200),
        ("/ask", 405),
    ],
)
def test_odd_addresses_get_a_plain_answer(page: httpx.Client, address: str, status: int) -> None:
    assert page.get(address).status_code == status
