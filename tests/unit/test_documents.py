"""Documents that are made from the code say what the code says, and links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").glob("*/*.md")], key=lambda path: path.name
)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#([^)\s]+))?\)")


def test_the_list_of_what_is_there_is_up_to_date() -> None:
    program = [sys.executable, ROOT / "scripts" / "coverage_reference.py"]
    made = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    assert (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8") == made, "run `make docs`"


def heading_anchors(text: str) -> set[str]:
    """The anchors that code hosts make of Markdown headings."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_a_document_lead_somewhere(document: Path) -> None:
    for target, anchor in _LINK.findall(document.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        found = document.parent / target
        assert found.exists(), f"{target} is not there"
        if anchor:
            assert anchor in heading_anchors(found.read_text(encoding="utf-8")), f"{target} has no {anchor}"


def test_every_document_is_found_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in (ROOT / "docs").iterdir() if f"docs/{path.name}" not in readme] == []


def test_every_module_that_the_architecture_names_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)*\.py)`", text))
    assert named
    missing = [name for name in named if not any((base / name).exists() for base in (ROOT, ROOT / "src" / "copilot"))]
    assert missing == []
