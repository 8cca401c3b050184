"""Pieces of templates, one module a capability: pure functions from manifest values and facts to resources."""
