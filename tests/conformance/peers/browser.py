"""As much of a browser as a launch needs: cookies, redirects, and forms that submit themselves."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import Cookie, DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

TIMEOUT_SECONDS = 10


@dataclass
class Form:
    """A form of a page, with its hidden fields filled in as they stand; `origin` is that of the page."""

    action: str
    method: str
    origin: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.address, given.get("action", ""))
            self.forms.append(Form(action, given.get("method", "get").upper(), _origin(self.address)))
        elif tag == "input" and self.forms and given.get("name"):
            self.forms[-1].fields[given["name"]] = given.get("value", "")


class _TrustsLoopback(DefaultCookiePolicy):
    """Browsers send Secure cookies to http on loopback as well; requests copies its jar and would not."""

    def set_ok(self, cookie: Cookie, request: Any) -> bool:
        """Take the cookie as one that is sent everywhere."""
        cookie.secure = False
        return super().set_ok(cookie, request)


class Browser:
    """One browser: its cookies stay."""

    def __init__(self) -> None:
        """Start without cookies."""
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.cookies.set_policy(_TrustsLoopback())

    def open(self, address: str) -> requests.Response:
        """Fetch a page, following redirects."""
        return self._http.get(address, timeout=TIMEOUT_SECONDS)

    def submit(self, form: Form) -> requests.Response:
        """Send a form, following redirects. A form that is posted tells where it stands, as every browser does."""
        is_read = form.method == "GET"
        send = {"params": form.fields} if is_read else {"data": form.fields, "headers": {"Origin": form.origin}}
        return self._http.request(form.method, form.action, timeout=TIMEOUT_SECONDS, **send)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def forms_of(page: requests.Response) -> list[Form]:
    """Return the forms of a page."""
    parser = _Forms(page.url)
    parser.feed(page.text)
    return parser.forms


def form_with(field_name: str, page: requests.Response) -> Form:
    """Return the form of the page that has the field."""
    found = [form for form in forms_of(page) if field_name in form.fields]
    if not found:
        raise AssertionError(f"{page.status_code} {page.url} has no form with {field_name}: {page.text[:2000]}")
    return found[0]
