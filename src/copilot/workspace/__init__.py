"""The copilot/ directory of a project: where it is, whose it is, what is in it. Knows no AWS."""
