"""The functions of an application know their user: the example's, and one that is added to the template."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

import local.stack
from local.config import Config
from local.stack import Stack
from tests.architecture.test_template import TEMPLATE
from tests.fault.places import closed_url
from tests.support.browser import HTML, Browser
from tests.support.example import ORIGIN, OUTPUTS, Example
from tests.support.provider import SESSION_COOKIE

pytestmark = pytest.mark.in_process

ROOT = Path(__file__).parents[2]
OURS = {"sec-fetch-site": "same-origin"}
STEP_UP = 'Bearer error="insufficient_user_authentication", max_age=300'
ROUTES = [("GET", "/hello"), ("POST", "/report"), ("GET", "/account"), ("DELETE", "/account")]


@pytest.fixture
def example(stack: Stack) -> Example:
    return Example(stack)


def code_of(answer: TestResponse) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json
    return answer.status_code, answer.json["code"]


def id_of(browser: Browser) -> str:
    user: str = browser.session().json()["user"]["id"]
    return user


def test_the_example_takes_what_the_stack_puts_out() -> None:
    assert OUTPUTS.keys() <= TEMPLATE["Outputs"].keys()


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_nobody_is_let_in_who_is_not_signed_in(
    browser: Browser, example: Example, method: str, path: str
) -> None:
    answer = example.ask(browser, method, path, OURS)
    assert code_of(answer) == (401, "not_signed_in")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["/hello", "/account"])
def test_a_person_who_is_not_signed_in_gets_a_page(browser: Browser, example: Example, path: str) -> None:
    page = example.ask(browser, "GET", f"{path}?a=1", {"accept": HTML})
    assert (page.status_code, page.mimetype) == (401, "text/html")
    assert "/login?" + urlencode({"return_to": f"/app{path}?a=1"}) in unescape(page.text)


def test_who_is_signed_in_is_known(browser: Browser, example: Example) -> None:
    browser.sign_in()
    assert example.ask(browser, "GET", "/hello").json == {"hello": "ada@example.com"}
    assert example.ask(browser, "GET", "/account").json == {"user": browser.session().json()["user"]}


@pytest.mark.parametrize(("method", "path"), [("POST", "/report"), ("DELETE", "/account")])
@pytest.mark.parametrize(
    "headers", [{}, {"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}]
)
def test_another_site_changes_nothing(
    browser: Browser, example: Example, method: str, path: str, headers: dict[str, str]
) -> None:
    browser.sign_in()
    assert code_of(example.ask(browser, method, path, headers)) == (403, "cross_site_request")


def test_only_staff_may_report(stack: Stack, browser: Browser, example: Example) -> None:
    browser.sign_in(login="/login?prompt=login")
    assert code_of(example.ask(browser, "POST", "/report", OURS)) == (403, "forbidden")
    staffed = Example(stack, Staff=f"somebody {id_of(browser)}")
    answer = staffed.ask(browser, "POST", "/report", {"origin": ORIGIN})
    assert (answer.status_code, answer.json) == (200, {"reported_by": id_of(browser)})


def test_a_fresh_sign_in_opens_what_takes_one(browser: Browser, example: Example) -> None:
    browser.sign_in()
    asking = OURS | {"referer": f"{ORIGIN}/settings"}
    answer = example.ask(browser, "DELETE", "/account", asking)
    assert code_of(answer) == (401, "insufficient_user_authentication")
    assert answer.headers["www-authenticate"] == STEP_UP
    assert answer.json
    assert answer.json["login"] == "/login?prompt=login&return_to=%2Fsettings"
    browser.sign_in(login=answer.json["login"])
    assert example.ask(browser, "DELETE", "/account", asking).json == {"closed": id_of(browser)}


def test_a_sign_in_without_a_question_is_not_fresh(browser: Browser, example: Example) -> None:
    browser.sign_in()
    before = browser.cookies[SESSION_COOKIE]
    browser.get("/login")
    assert browser.cookies[SESSION_COOKIE] != before
    answer = example.ask(browser, "DELETE", "/account", OURS)
    assert code_of(answer) == (401, "insufficient_user_authentication")


def test_who_signed_out_is_not_let_in_with_the_old_cookie(browser: Browser, example: Example) -> None:
    browser.sign_in()
    cookie = browser.cookies[SESSION_COOKIE]
    browser.sign_out()
    assert SESSION_COOKIE not in browser.cookies
    assert code_of(example.ask(browser, "GET", "/hello", {"cookie": f"{SESSION_COOKIE}={cookie}"}))[0] == 401


@pytest.mark.parametrize("path", ["/hello", "/account"])
def test_nobody_is_signed_out_while_dynamodb_is_down(browser: Browser, example: Example, path: str) -> None:
    browser.sign_in()
    well = example.environment["AWS_ENDPOINT_URL"]
    example.environment["AWS_ENDPOINT_URL"] = closed_url()
    assert code_of(example.ask(browser, "GET", path))[0] == 503
    page = example.ask(browser, "GET", f"{path}?a=1", {"accept": HTML})
    assert (page.status_code, page.mimetype) == (503, "text/html")
    assert f'href="/app{path}?a=1"' in page.text
    example.environment["AWS_ENDPOINT_URL"] = well
    assert example.ask(browser, "GET", path).status_code == 200


@pytest.fixture
def extended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """The app with one more function in its template, as `make run` would start it."""
    text = (ROOT / "template.yaml").read_text().replace("CodeUri: functions/", f"CodeUri: {ROOT}/functions/")
    added = f"""
  HelloFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: {ROOT}/examples/guarded/plain/
      Handler: app.hello
      Events: {{Hello: {{Type: HttpApi, Properties: {{ApiId: !Ref Api, Method: GET, Path: /hello}}}}}}

Outputs:"""
    template = tmp_path / "template.yaml"
    template.write_text(text.replace("\nOutputs:", added))
    monkeypatch.setattr(local.stack, "TEMPLATE", template)
    with Stack(Config.ephemeral()) as stack:
        yield stack


def test_a_function_of_one_s_own_is_served_by_make_run(extended: Stack) -> None:
    with Browser(extended) as browser:
        browser.sign_in(login="/login?return_to=/hello")
        assert (browser.page.status_code, browser.page.json()) == (200, {"hello": "ada@example.com"})
        browser.sign_out()
        page = browser.get("/hello")
        assert page.status_code == 401
        assert 'href="/login?return_to=%2Fhello"' in page.text
