"""Tables of launches: platforms and what they call things, and what may be used once.

Platforms, their keys and what is used up stand outside row-level security: they are read before anybody is known. What
tells about people and courses carries the trust.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.columns import Digest, PublicId, UtcDateTime
from lti_tool.core.db import Base
from lti_tool.launch.claims import ADDRESS_LIMIT, ID_LIMIT

SCOPES_LENGTH = 2_600  # ten of them


class Platform(Base):
    """A VLE's connection to us: one `client_id` of one `issuer`.

    `framed_by` lists the origins that may show us in a frame; `suggested_frame` is one that a launch came from and that
    nobody has confirmed. `course_url` is a template, so that a page of ours can point back into the VLE.
    """

    __tablename__ = "platforms"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    issuer: Mapped[str] = mapped_column(String(ADDRESS_LIMIT))
    client_id: Mapped[str] = mapped_column(String(ID_LIMIT))
    auth_url: Mapped[str] = mapped_column(String(ADDRESS_LIMIT))
    token_url: Mapped[str] = mapped_column(String(ADDRESS_LIMIT))
    keys_url: Mapped[str] = mapped_column(String(ADDRESS_LIMIT))
    course_url: Mapped[str] = mapped_column(String(ADDRESS_LIMIT))
    framed_by: Mapped[str] = mapped_column(String(500))
    suggested_frame: Mapped[str] = mapped_column(String(300))
    binding: Mapped[str] = mapped_column(String(10))
    allows_anonymous: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)


class Deployment(Base):
    """One place in the platform where we are installed. It belongs to one trust."""

    __tablename__ = "deployments"
    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platforms.id"))
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    deployment_id: Mapped[str] = mapped_column(String(ID_LIMIT))
    __table_args__ = (UniqueConstraint("platform_id", "deployment_id"),)


class PlatformInvite(Base):
    """A one-time address by which a VLE connects itself. `token_hash` is of the secret in it, which is stored nowhere.

    `claimed_by` is the press of the button that is being worked on, so that a second press joins it.
    """

    __tablename__ = "platform_invites"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[bytes] = mapped_column(Digest, unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_by: Mapped[bytes | None] = mapped_column(Digest)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("platforms.id"), index=True)


class PlatformFacts(Base):
    """What has shown itself of a connection, for the connection check. Written only when it changes.

    `clock_offset` is how many seconds the VLE's clock is ahead of ours. `fault` is why launches were refused last,
    until one is let in.
    """

    __tablename__ = "platform_facts"
    platform_id: Mapped[int] = mapped_column(ForeignKey("platforms.id"), primary_key=True)
    product: Mapped[str] = mapped_column(String(100))
    launched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    has_names: Mapped[bool | None]
    clock_offset: Mapped[int | None]
    fault: Mapped[str] = mapped_column(String(40))


class RoleOverride(Base):
    """What a role of this platform means to us, where it is not what LTI says."""

    __tablename__ = "role_overrides"
    platform_id: Mapped[int] = mapped_column(ForeignKey("platforms.id"), primary_key=True)
    written: Mapped[str] = mapped_column(String(ID_LIMIT), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))


class PlatformKeySet(Base):
    """The last good key set of a platform, as it was published."""

    __tablename__ = "platform_key_sets"
    platform_id: Mapped[str] = mapped_column(PublicId, ForeignKey("platforms.public_id"), primary_key=True)
    keys_url: Mapped[str] = mapped_column(String(ADDRESS_LIMIT))
    published: Mapped[bytes] = mapped_column(LargeBinary)
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Identity(Base):
    """Who somebody is to a platform. A platform that serves two trusts knows two of us."""

    __tablename__ = "identities"
    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platforms.id"))
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    subject: Mapped[str] = mapped_column(String(ID_LIMIT))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    __table_args__ = (UniqueConstraint("platform_id", "trust_id", "subject"),)


class CourseLink(Base):
    """What a deployment calls one of our courses."""

    __tablename__ = "course_links"
    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id"))
    context_id: Mapped[str] = mapped_column(String(ID_LIMIT))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    __table_args__ = (UniqueConstraint("deployment_id", "context_id"),)


class Placement(Base):
    """An activity in the VLE's course, and what it opens. `kind` and `thing` are empty until somebody has chosen.

    `is_copy` says that the VLE copied it from another place, so that the chooser can say so. `asked` is the custom
    parameter `place` that was followed last: what a tutor chose here since stands until the VLE says something new.
    """

    __tablename__ = "placements"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    link_id: Mapped[str] = mapped_column(String(ID_LIMIT))
    title: Mapped[str] = mapped_column(String(255))
    is_copy: Mapped[bool]
    asked: Mapped[str] = mapped_column(PublicId)
    kind: Mapped[str] = mapped_column(String(20))
    thing: Mapped[str] = mapped_column(PublicId)
    __table_args__ = (UniqueConstraint("deployment_id", "course_id", "link_id"),)


class RosterService(Base):
    """Where a course's roster is read, as its launches said, and how the last reading went.

    `claimed_until` keeps two workers apart, `next_at` is when the schedule reads it again. The counts are those of the
    last good reading (`read_at`). `held` people were missing from it, too many to believe without asking a person.
    """

    __tablename__ = "roster_services"
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id"))
    members_url: Mapped[str] = mapped_column(String(ADDRESS_LIMIT))
    wanted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(300))
    failures: Mapped[int] = mapped_column(default=0)
    members: Mapped[int] = mapped_column(default=0)
    joined: Mapped[int] = mapped_column(default=0)
    left: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    held_of: Mapped[int] = mapped_column(default=0)
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class GradeService(Base):
    """Where the marks of an activity go, as its launches said. `scopes` are separated by spaces.

    `target_url` is the column that we found or made there, empty until then; `claimed_until` lets one worker make it.
    Until `withheld_until` we believe the token, which lacked what the launch had promised.
    """

    __tablename__ = "grade_services"
    placement_id: Mapped[int] = mapped_column(ForeignKey("placements.id"), primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    columns_url: Mapped[str] = mapped_column(String(ADDRESS_LIMIT))
    column_url: Mapped[str] = mapped_column(String(ADDRESS_LIMIT))
    scopes: Mapped[str] = mapped_column(String(SCOPES_LENGTH))
    target_url: Mapped[str] = mapped_column(String(ADDRESS_LIMIT))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withheld_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Mark(Base):
    """A mark for taking part, 0 to 100, or none where it was taken back; and what became of it in the VLE.

    `stamp` is the moment under which the VLE keeps it: whole seconds, later with every change, the same at every try.
    `by_rule`: a rule for taking part gave it, and counts on; what a tutor gives by hand no rule touches.
    """

    __tablename__ = "marks"
    id: Mapped[int] = mapped_column(primary_key=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    placement_id: Mapped[int] = mapped_column(ForeignKey("placements.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    given_by_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    mark: Mapped[int | None]
    stamp: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(300))
    by_rule: Mapped[bool] = mapped_column(default=False, server_default=false())
    __table_args__ = (UniqueConstraint("placement_id", "person_id"),)


class Choosing(Base):
    """A tutor's visit to the chooser (deep linking). `sealed` holds where the answer goes, which may be a secret."""

    __tablename__ = "choosings"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(PublicId, unique=True)
    trust_id: Mapped[int] = mapped_column(ForeignKey("trusts.id"))
    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Consumed(Base):
    """A state or ticket that has been used. The primary key makes the second use fail, on however many machines."""

    __tablename__ = "consumed"
    digest: Mapped[bytes] = mapped_column(Digest, primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ToolKey(Base):
    """A key that we sign with. Published from `created_at` until `retires_at`; used from `signs_from`."""

    __tablename__ = "tool_keys"
    kid: Mapped[str] = mapped_column(PublicId, primary_key=True)
    public_jwk: Mapped[str] = mapped_column(String(2000))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signs_from: Mapped[datetime] = mapped_column(UtcDateTime)
    retires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ToolKeyReading(Base):
    """When somebody last read our published keys, to the hour. One row; losing a mark harms nobody."""

    __tablename__ = "tool_key_readings"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)
