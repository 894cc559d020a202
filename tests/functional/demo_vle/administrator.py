"""What the VLE's administrator does for a tool, by the pages' own forms."""

import re
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from .fake_tool import FakeTool
from .walk import Walk, fields_of

ALEX = 2
IN_CHOOSER = "2"
DELEGATE = "2"


class Administrator(Walk):
    """Alex Reid at a browser."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self.become(ALEX)

    def text(self, path: str) -> str:
        return self.get(path).get_data(as_text=True)

    def begin(self, tool: FakeTool, path: str = "/lti/register?invite=abc") -> dict[str, str]:
        """Paste the address and follow the frame: what the tool is called with."""
        page = self.submit("/mod/lti/toolconfigure.php", {"toolurl": f"{tool.url}{path}"}).get_data(as_text=True)
        frame = re.search(r'<iframe [^>]*src="([^"]+)"', page)
        assert frame is not None, page
        sent = self.get(frame[1].replace("&amp;", "&")).location
        assert sent.startswith(f"{tool.url}{path}")
        return {name: values[0] for name, values in parse_qs(urlsplit(sent).query).items()}

    def register(self, tool: FakeTool, token: str, said: object) -> TestResponse:
        """The tool's own call. It carries no cookie of the administrator's."""
        headers = {"Authorization": f"Bearer {token}"}
        return Walk(self.app).browser.post(
            "/mod/lti/openid-registration.php", base_url="http://localhost:5001", json=said, headers=headers
        )

    def connect(self, tool: FakeTool, **changed: object) -> dict[str, str]:
        """All of it, up to a tool that teachers find; its client and deployment ids."""
        token = self.begin(tool)["registration_token"]
        body = self.register(tool, token, tool.registration()).json
        number = body["https://purl.imsglobal.org/spec/lti-tool-configuration"]["deployment_id"]
        self.submit("/mod/lti/activate.php", {"id": number})
        self.set_up(number, **({"usage": IN_CHOOSER} | changed))
        return {"client": body["client_id"], "deployment": number}

    def set_up(self, number: str, **changed: object) -> TestResponse:
        """Change some fields of the settings page and save it as it stands otherwise."""
        address = f"/mod/lti/typessettings.php?id={number}"
        fields = fields_of(self.text(address)) | {name: str(value) for name, value in changed.items()}
        return self.post(address, fields)
