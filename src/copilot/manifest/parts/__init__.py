"""Pieces of manifests that more than one type has, a module a capability."""
