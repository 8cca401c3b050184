"""CloudFormation as plain Python data: intrinsics, templates, YAML in and out, semantic difference.

Knows no noun of Copilot, no AWS account, no file.
"""

from copilot.cfn.diff import Diff, diff
from copilot.cfn.template import Resource, Stack, Template
from copilot.cfn.yaml import Bare, dump, load

__all__ = ["Bare", "Diff", "Resource", "Stack", "Template", "diff", "dump", "load"]
