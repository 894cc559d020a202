"""Boards as the people of a course meet them."""
