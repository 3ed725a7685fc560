"""A browser without a screen: keeps cookies, follows redirects, fills in forms."""

import re
import ssl
from html.parser import HTMLParser
from http.cookiejar import Cookie, CookieJar
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

from local.stack import Stack
from local.trust import authorities

HTML = "text/html,application/xhtml+xml,*/*;q=0.8"


class Browser:
    """One person's browser in front of a running stack."""

    def __init__(self, stack: Stack, verify: ssl.SSLContext | None = None) -> None:
        self.stack = stack
        self.http = httpx.Client(
            cookies=_LocalhostJar(),
            headers={"accept": HTML},
            timeout=20,
            trust_env=False,
            verify=verify or authorities(),
        )
        self.page = httpx.Response(204)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    @property
    def cookies(self) -> dict[str, str]:
        """Cookies by name, those of all ports together, as browsers keep them."""
        return {cookie.name: cookie.value or "" for cookie in self.http.cookies.jar}

    def get(self, url: str, **more: object) -> httpx.Response:
        """Open an address of the app, or a whole one, and follow where it leads."""
        return self._follow(self.http.get(urljoin(self.stack.app_url, url), **more))  # type: ignore[arg-type]

    def submit(
        self, fields: dict[str, str] | None = None, form: int = 0, until: str | None = None
    ) -> httpx.Response:
        """Send a form of the current page as a browser does, its hidden fields included."""
        found = _forms(self.page.text)[form]
        action = urljoin(str(self.page.url), found.action)
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(str(self.page.url)))
        site = "same-origin" if action.startswith(origin + "/") else "cross-site"
        headers = {"origin": origin, "sec-fetch-site": site}
        return self._follow(
            self.http.post(action, data=found.fields | (fields or {}), headers=headers), until
        )

    def stop_at_callback(self, email: str = "ada@example.com", login: str = "/login") -> str:
        """Sign in at Logto and return the address of the callback, which is not opened."""
        self.page = self.http.get(urljoin(self.stack.app_url, login))
        self._follow(self.page, until="/callback")
        if not self.page.is_redirect:
            self._type_code(email)
        return urljoin(str(self.page.url), self.page.headers["location"])

    def sign_in(self, email: str = "ada@example.com", login: str = "/login") -> httpx.Response:
        """Go the whole way."""
        return self.get(self.stop_at_callback(email, login))

    def sign_out(self) -> httpx.Response:
        """Press the button, and let Logto's page post itself."""
        self.get("/logout")
        self.submit()
        if "logoutForm" in self.page.text:
            self.submit({"logout": "yes"})
        return self.page

    def stop_at_logged_out(self) -> str:
        """Sign out here and at Logto, and return the address to come back to, which is not opened."""
        self.get("/logout")
        self.submit()
        self.submit({"logout": "yes"}, until="/logged-out")
        return urljoin(str(self.page.url), self.page.headers["location"])

    def session(self) -> httpx.Response:
        """Ask who is signed in, as a program does."""
        return self.http.get(f"{self.stack.app_url}/session", headers={"accept": "application/json"})

    def _type_code(self, email: str) -> None:
        assert self.stack.mailgun is not None
        self._follow(self._post({"email": email}), until="/callback")
        code = newest_code(self.stack, email)
        self._follow(self._post({"code": code}), until="/callback")

    def _post(self, fields: dict[str, str]) -> httpx.Response:
        found = _forms(self.page.text)[0]
        return self.http.post(urljoin(str(self.page.url), found.action), data=found.fields | fields)

    def _follow(self, response: httpx.Response, until: str | None = None) -> httpx.Response:
        for _ in range(20):
            if not response.is_redirect:
                break
            location = urljoin(str(response.url), response.headers["location"])
            if until and urlsplit(location).path == until:
                break
            response = self.http.get(location)
        self.page = response
        return response


def newest_code(stack: Stack, email: str) -> str:
    """Read the newest code sent to an address."""
    assert stack.mailgun is not None
    text = next(message.text for message in stack.mailgun.messages if message.to == email)
    match = re.search(r"\b[0-9]{6}\b", text or "")
    assert match, "the message holds no code"
    return match[0]


class _LocalhostJar(CookieJar):
    """Like Chromium, sends Secure cookies to plain http://localhost."""

    def set_cookie(self, cookie: Cookie) -> None:
        cookie.secure = False
        super().set_cookie(cookie)


class _Form:
    def __init__(self, action: str) -> None:
        self.action = action
        self.fields: dict[str, str] = {}


class _FormParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(_Form(attributes.get("action", "")))
        elif tag == "input" and self.forms and attributes.get("name"):
            self.forms[-1].fields[attributes["name"]] = attributes.get("value", "")


def _forms(html: str) -> list[_Form]:
    parser = _FormParser()
    parser.feed(html)
    assert parser.forms, f"no form in the page: {html[:500]}"
    return parser.forms
