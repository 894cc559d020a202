"""A tool that the administrator has connected, and its settings in the words and values of Moodle 4.5."""

from collections.abc import Mapping
from dataclasses import dataclass

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
NRPS_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
AGS_SCOPES = [f"{AGS}lineitem", f"{AGS}lineitem.readonly", f"{AGS}result.readonly", f"{AGS}score"]

# Values as Moodle stores them, each with the words of its form.
NEVER, ALWAYS, DELEGATE = "0", "1", "2"
SHARING: Mapping[str, str] = {NEVER: "Never", ALWAYS: "Always", DELEGATE: "Delegate to teacher"}
HIDDEN, PRECONFIGURED, IN_CHOOSER = "0", "1", "2"
USAGE: Mapping[str, str] = {
    HIDDEN: "Do not show; use only when a matching tool URL is entered",
    PRECONFIGURED: "Show as preconfigured tool when adding an external tool",
    IN_CHOOSER: "Show in activity chooser and as a preconfigured tool",
}
EMBED, NEW_WINDOW, EXISTING_WINDOW = "3", "4", "5"
CONTAINERS: Mapping[str, str] = {
    EMBED: "Embed, without blocks",
    EXISTING_WINDOW: "Existing window",
    NEW_WINDOW: "New window",
}
KEYSET, RSA_KEY = "JWK_KEYSET", "RSA_KEY"
KEY_TYPES: Mapping[str, str] = {KEYSET: "Keyset URL", RSA_KEY: "RSA key"}
NO_GRADES, GRADES_ONLY, GRADES_AND_COLUMNS = "0", "1", "2"
GRADE_SERVICE: Mapping[str, str] = {
    NO_GRADES: "Do not use this service",
    GRADES_ONLY: "Use this service for grade sync only",
    GRADES_AND_COLUMNS: "Use this service for grade sync and column management",
}
NO_ROSTER, ROSTER = "0", "1"
ROSTER_SERVICE: Mapping[str, str] = {
    NO_ROSTER: "Do not use this service",
    ROSTER: "Use this service to retrieve members' information as per privacy settings",
}


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One connected tool. `number` is its deployment id, and `custom` holds lines of `name=value`."""

    number: int
    client_id: str
    name: str
    tool_url: str
    login_url: str
    keyset_url: str
    redirect_uris: tuple[str, ...]
    domain: str = ""
    description: str = ""
    icon: str = ""
    is_active: bool = False
    key_type: str = KEYSET
    public_key: str = ""
    custom: str = ""
    usage: str = PRECONFIGURED
    container: str = EMBED
    has_selection: bool = False
    selection_url: str = ""
    share_name: str = NEVER
    share_email: str = NEVER
    accept_grades: str = NEVER
    grade_service: str = NO_GRADES
    roster_service: str = NO_ROSTER

    @property
    def deployment_id(self) -> str:
        """What Moodle calls the type id: one for the whole site."""
        return str(self.number)

    @property
    def custom_parameters(self) -> dict[str, str]:
        """The lines of the field as Moodle reads them."""
        pairs = (line.partition("=") for line in self.custom.splitlines() if "=" in line)
        return {name.strip(): value.strip() for name, _, value in pairs}

    @property
    def is_in_chooser(self) -> bool:
        """Whether a teacher finds it under "Add an activity or resource"."""
        return self.is_active and self.usage == IN_CHOOSER

    @property
    def scopes(self) -> list[str]:
        """What its tokens may be good for, in the order in which Moodle names them."""
        roster = [NRPS_SCOPE] if self.roster_service == ROSTER else []
        grades = {NO_GRADES: [], GRADES_ONLY: AGS_SCOPES[1:], GRADES_AND_COLUMNS: AGS_SCOPES}[self.grade_service]
        return roster + grades

    def may_answer_to(self, address: str) -> bool:
        """Whether a token may be posted to this address: it stands among the redirection URIs, letter by letter."""
        return address in self.redirect_uris
