"""CloudFormation as plain Python data: intrinsics, templates, YAML in and out, semantic difference.

Knows no noun of Copilot, no AWS account, no file.
"""
