"""Container engines: build and push images with docker or podman, or lay them out as folders for plain processes.

Knows no AWS: the caller brings a registry's address and password. See docs/architecture.md.
"""
