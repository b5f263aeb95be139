"""Check that every relative link, anchor and source path in the Markdown files exists. Exit status 1 and a line each.

Run from anywhere: ``python docs/check_links.py``.
"""

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[1]
_FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_REFERENCE = re.compile(r"^\[[^\]]+\]:\s+(\S+)", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_SOURCE = re.compile(r"`((?:[\w.]+/)+(?:\w+|\{[\w,]+\})\.py)[`:]")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives the headings of a Markdown text.

    Example:
        >>> sorted(anchors("# What, why\\n## `make` it\\n## `make` it"))
        ['make-it', 'make-it-1', 'what-why']
    """
    found: set[str] = set()
    counts: dict[str, int] = {}
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).strip().replace(" ", "-")
        seen = counts.get(slug, 0)
        counts[slug] = seen + 1
        found.add(f"{slug}-{seen}" if seen else slug)
    return found


def links(text: str) -> list[str]:
    """Targets of the inline and reference links outside code."""
    prose = _FENCE.sub("", text)
    return [*_LINK.findall(_CODE.sub("", prose)), *_REFERENCE.findall(prose)]


def missing_sources(text: str, files: list[str]) -> list[str]:
    """Paths of Python files in code spans that are the end of no file's path; ``a/{b,c}.py`` stands for two.

    Example:
        >>> missing_sources("see `risk/{gate,gone}.py`", ["src/quaestor/risk/gate.py"])
        ['risk/gone.py']
    """
    paths: list[str] = []
    for found in _SOURCE.findall(text):
        stem, _, names = found.removesuffix(".py").partition("{")
        paths += [f"{stem}{name}.py" for name in names.removesuffix("}").split(",")]
    return [path for path in paths if not any(f"/{file}".endswith(f"/{path}") for file in files)]


def broken(page: Path) -> list[str]:
    """What is wrong with a page's relative links, one message each."""
    problems: list[str] = []
    text = page.read_text(encoding="utf-8")
    for link in links(text):
        if _SCHEME.match(link) or link.startswith("//"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / unquote(path)).resolve() if path else page
        if not target.exists():
            problems.append(f"{page.relative_to(ROOT)}: no file for link '{link}'")
        elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text(encoding="utf-8")):
            problems.append(f"{page.relative_to(ROOT)}: no heading for link '{link}'")
    return problems


def stale(page: Path, files: list[str]) -> list[str]:
    """One message for each source path of a page that does not exist; decision records tell of what was."""
    if page.parent.name == "decisions" or page.name == "CHANGELOG.md":
        return []
    gone = missing_sources(page.read_text(encoding="utf-8"), files)
    return [f"{page.relative_to(ROOT)}: no source file '{path}'" for path in gone]


def pages() -> list[Path]:
    """The Markdown files of the repository: tracked, or new and not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        names = [ROOT / line for line in listed.stdout.splitlines()]
    else:
        names = [p for p in ROOT.rglob("*.md") if not any(part.startswith(".") for part in p.relative_to(ROOT).parts)]
    return sorted(path for path in set(names) if path.is_file())


def main() -> int:
    """Check every page; print what is broken."""
    checked = pages()
    files = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py") if ".venv" not in path.parts]
    problems = [problem for page in checked for problem in (*broken(page), *stale(page, files))]
    for problem in problems:
        sys.stderr.write(problem + "\n")
    sys.stdout.write(f"links: {len(checked)} pages, {len(problems)} broken\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
