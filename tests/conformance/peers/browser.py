"""As much of a browser as a launch needs: cookies, redirects, and forms that submit themselves."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urljoin

import requests

TIMEOUT_SECONDS = 10


@dataclass
class Form:
    """A form of a page, with its hidden fields filled in as they stand."""

    action: str
    method: str
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
            self.forms.append(Form(action, given.get("method", "get").upper()))
        elif tag == "input" and self.forms and given.get("name"):
            self.forms[-1].fields[given["name"]] = given.get("value", "")


class Browser:
    """One browser: its cookies stay. Like real ones it trusts http on loopback, and so sends Secure cookies there."""

    def __init__(self) -> None:
        """Start without cookies."""
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.cookies.set_policy(DefaultCookiePolicy(secure_protocols=("http", "https")))

    def open(self, address: str) -> requests.Response:
        """Fetch a page, following redirects."""
        return self._http.get(address, timeout=TIMEOUT_SECONDS)

    def submit(self, form: Form) -> requests.Response:
        """Send a form, following redirects."""
        send = {"params": form.fields} if form.method == "GET" else {"data": form.fields}
        return self._http.request(form.method, form.action, timeout=TIMEOUT_SECONDS, **send)


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
