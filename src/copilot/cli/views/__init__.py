"""Descriptions as text for people and as JSON for scripts: one renderer a form, over the same description."""
