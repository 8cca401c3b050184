"""Reads what is deployed, in few parallel steps, for planners (observed) and for people (descriptions)."""
