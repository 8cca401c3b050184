"""A module a noun; each is imported when one of its commands is typed."""
