"""Walks through the pretend VLE without a browser: reads its forms and sends them."""

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

SITE = "http://localhost:5001"
TOOL = "http://localhost:5000"
AUTH = f"{SITE}/mod/lti/auth.php"
LAUNCH = f"{TOOL}/lti/launch"


@dataclass
class Form:
    """One form of a page."""

    action: str
    fields: dict[str, str]


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(found.get("action", ""), {}))
        elif tag == "input" and self.forms and "name" in found:
            self.forms[-1].fields[found["name"]] = found.get("value", "")


def form_in(response: TestResponse) -> Form:
    """The only form of the page."""
    reader = _FormReader()
    reader.feed(response.get_data(as_text=True))
    assert len(reader.forms) == 1, response.get_data(as_text=True)
    return reader.forms[0]


class Walk:
    """One browser: its cookies, and what it does in the VLE."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.browser: FlaskClient = app.test_client()

    def get(self, path: str, **more: object) -> TestResponse:
        return self.browser.get(path, base_url=SITE, **more)

    def post(self, path: str, data: dict[str, str], **more: object) -> TestResponse:
        return self.browser.post(path, base_url=SITE, data=data, **more)

    def submit(self, path: str, data: dict[str, str], **more: object) -> TestResponse:
        """Send a form of a page of this VLE, with the key of who is signed in."""
        with self.browser.session_transaction(base_url=SITE) as session:
            sesskey = session["sesskey"]
        return self.post(path, {"sesskey": sesskey} | data, **more)

    def become(self, person_id: int) -> TestResponse:
        """Press the person's button and follow to where it leads."""
        return self.post("/login/index.php", {"person": str(person_id)}, follow_redirects=True)

    def login_request(self, cmid: int, container: int | None = None) -> dict[str, str]:
        """Open the activity; the fields that the browser posts to the tool."""
        query = {"id": cmid} | ({"container": container} if container else {})
        form = form_in(self.get(f"/mod/lti/launch.php?{urlencode(query)}"))
        assert form.action == f"{TOOL}/lti/login"
        return form.fields

    def auth_query(self, cmid: int, **changed: str | None) -> dict[str, str]:
        """What a correct tool asks of the VLE for this activity; None removes a field."""
        login = self.login_request(cmid)
        query = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": login["client_id"],
            "redirect_uri": login["target_link_uri"],
            "state": "state-1",
            "nonce": "nonce-1",
            "login_hint": login["login_hint"],
            "lti_message_hint": login["lti_message_hint"],
        }
        return {name: value for name, value in (query | changed).items() if value is not None}

    def ask(self, query: dict[str, str]) -> TestResponse:
        """The tool's redirect to the authorisation endpoint."""
        return self.get(f"/mod/lti/auth.php?{urlencode(query)}")

    def launch(self, cmid: int) -> dict[str, object]:
        """A whole launch; the claims of a token whose signature was checked against the published keys."""
        form = form_in(self.ask(self.auth_query(cmid)))
        assert form.action == LAUNCH
        assert form.fields["state"] == "state-1"
        return self.decode(form.fields["id_token"])

    def decode(self, id_token: str) -> dict[str, object]:
        keys = KeySet.import_key_set(self.get("/mod/lti/certs.php").json)
        return jwt.decode(id_token, keys, algorithms=["RS256"]).claims

    def return_query(self, claims: dict[str, object]) -> dict[str, list[str]]:
        presentation = claims["https://purl.imsglobal.org/spec/lti/claim/launch_presentation"]
        assert isinstance(presentation, dict)
        return parse_qs(urlsplit(presentation["return_url"]).query)


class _FieldReader(HTMLParser):
    """Every field of a page as a browser would send it, text areas and choices too."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.area = self.choice = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name = found.get("name") or ""
        if tag == "input" and (found.get("type") != "checkbox" or "checked" in found):
            self.fields[name] = found.get("value") or ("on" if found.get("type") == "checkbox" else "")
        elif tag == "textarea":
            self.area = name
            self.fields[name] = ""
        elif tag == "select":
            self.choice = name
        elif tag == "option" and self.choice and ("selected" in found or self.choice not in self.fields):
            self.fields[self.choice] = found.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.fields[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""
        elif tag == "select":
            self.choice = ""


def fields_of(page: str) -> dict[str, str]:
    """The fields of the page's forms, as they would be sent."""
    reader = _FieldReader()
    reader.feed(page)
    return reader.fields
