"""Adds the mail room to the house in every Python process that finds this folder on its path (the durability test)."""

from lti_tool import app
from tests.factories import mail_room

app.ROOMS = (*app.ROOMS, mail_room)
