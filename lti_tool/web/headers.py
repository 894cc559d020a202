"""What every answer says to the browser: who may frame it, what it may load, that nobody keeps it."""

from flask import Flask, Response, request, session

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action {forms_to}; base-uri 'none'; frame-ancestors {framed_by}"
)

ALWAYS = (
    ("Referrer-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
)
HTTPS_ALONE = ("Strict-Transport-Security", "max-age=31536000")


def content_policy(framed_by: str, forms_to: str = "'self'") -> str:
    """What a page may load, who may frame it, and where its forms may go."""
    return POLICY.format(framed_by=framed_by, forms_to=forms_to)


def set_up_headers(app: Flask) -> None:
    """Add the headers after each request; what a view has set itself stays."""

    has_https = app.extensions["settings"].has_https
    always = (*ALWAYS, HTTPS_ALONE) if has_https else ALWAYS

    @app.after_request
    def add(response: Response) -> Response:
        said = {name.lower() for name, _value in response.headers}
        for name, value in always:
            if name.lower() not in said:
                response.headers.add(name, value)
        if "content-security-policy" not in said:
            response.headers.add("Content-Security-Policy", content_policy(_framed_by()))
        return response


def _framed_by() -> str:
    """The visit's platform; anybody for what `/lti/` shows, so that a refusal is readable."""
    visit = getattr(session, "visit", None) or getattr(session, "over", None)
    if request.path.startswith("/lti/"):
        return "*"
    return f"'self' {visit.framed_by}".rstrip() if visit else "*"
