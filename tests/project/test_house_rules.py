"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).resolve().parents[2]
SOURCES = sorted((TOP / "src" / "firtree").rglob("*.py"))
PROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))

LONGEST_MODULE = 400

# Strings that must not stand in any file are put together here from pieces, so that
# this file passes too.
REGISTRIES = re.compile(
    "|".join(
        re.escape("".join(pieces))
        for pieces in [
            ("py", "pi.org"),
            ("python", "hosted"),
            ("registry.", "npm"),
            ("deb.", "debian"),
            ("--index", "-url"),
            ("--extra-index", "-url"),
            ("--find", "-links"),
        ]
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(home|work|root)" + "/")

LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\]+)", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def project_files() -> list[Path]:
    """List the files that are, or are about to be, under version control."""
    if shutil.which("git") and (TOP / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=TOP,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        names = [TOP / name for name in listed.split("\0") if name]
        return [path for path in names if path.is_file()]
    found = []
    for folder, folders, files in os.walk(TOP):
        made = {"var", "dist", "__pycache__"}
        folders[:] = [
            name
            for name in folders
            if name == ".ci" or not (name.startswith(".") or name in made)
        ]
        found += [Path(folder, name) for name in files]
    return found


def texts() -> dict[str, str]:
    """Read every text file of the project, by its path from the top."""
    found = {}
    for path in project_files():
        data = path.read_bytes()
        if b"\0" not in data:
            name = path.relative_to(TOP).as_posix()
            found[name] = data.decode(errors="replace")
    return found


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """Name every line of the project that a pattern is found in."""
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in texts().items()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def locked(name: str) -> dict[str, str]:
    """Read a lock file: version by name."""
    text = (TOP / "requirements" / name).read_text(encoding="utf-8")
    return dict(LOCKED.findall(text))


def test_no_file_names_a_package_registry() -> None:
    assert lines_with(REGISTRIES) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert lines_with(MACHINE_PATHS) == []


def test_every_module_says_in_one_line_what_it_is_for() -> None:
    wrong = []
    for path in SOURCES:
        module = ast.parse(path.read_text(encoding="utf-8"))
        first, *rest = (ast.get_docstring(module) or "").splitlines() or [""]
        if not first.endswith(".") or (rest and rest[0]):
            wrong.append(path.relative_to(TOP).as_posix())

    assert wrong == []


def test_no_module_prints() -> None:
    wrong = [
        f"{path.relative_to(TOP)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]

    assert wrong == []


def test_no_question_numbers_its_parameters() -> None:
    """Python 3.12's sqlite3 warns of ``?1`` with a sequence of values."""
    numbered = [
        f"{path.name}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.search(r"[=<>(,] ?\?\d", node.value)
    ]

    assert numbered == []


def test_no_test_drops_a_database_that_it_opened() -> None:
    """Python 3.13 warns of it, in whichever test comes next."""
    dropped = lines_with(re.compile(r"sqlite3\.connect\([^()]*(\([^()]*\))?\)\.\w"))

    assert dropped == []


def test_nouns_agree_with_numbers_by_one_helper_alone() -> None:
    by_hand = re.compile(r"""["']s["'] if |\bif \w+ == 1 else f["']\{""")
    wrong = [
        f"{path.relative_to(TOP)}: {line.strip()}"
        for path in SOURCES
        for line in path.read_text(encoding="utf-8").splitlines()
        if by_hand.search(line)
    ]

    assert wrong == []


def test_no_module_is_too_long_to_read() -> None:
    lengths = {
        path.relative_to(TOP).as_posix(): len(
            path.read_text(encoding="utf-8").splitlines()
        )
        for path in SOURCES
    }

    assert {name: n for name, n in lengths.items() if n > LONGEST_MODULE} == {}


def test_every_locked_package_has_hashes() -> None:
    for path in sorted((TOP / "requirements").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        starts = [match.start() for match in LOCKED.finditer(text)]
        for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
            block = text[start:end]
            assert "--hash=sha256:" in block, f"{path.name}: {block.splitlines()[0]}"


def test_both_lock_files_name_the_same_versions() -> None:
    run, dev = locked("run.txt"), locked("dev.txt")

    assert run
    assert {name: dev.get(name) for name in run} == run


def test_the_lock_files_hold_what_the_project_asks_for() -> None:
    project = PROJECT["project"]
    asked = {
        "run.txt": project["dependencies"],
        "dev.txt": project["dependencies"] + project["optional-dependencies"]["dev"],
    }

    for name, requirements in asked.items():
        versions = locked(name)
        for requirement in map(Requirement, requirements):
            version = versions.get(canonicalize_name(requirement.name))
            assert version is not None, f"{name} lacks {requirement}"
            assert version in requirement.specifier, f"{name}: {requirement}"


def test_every_pure_room_is_a_room() -> None:
    layered, *_, pure = PROJECT["tool"]["importlinter"]["contracts"]
    rooms = re.findall(r"\w+", " ".join(layered["layers"]))

    assert {name.removeprefix("*.") for name in pure["source_modules"]} <= set(rooms)


def test_our_script_writes_no_markup() -> None:
    scripts = sorted((TOP / "src" / "firtree" / "web" / "static").glob("*.js"))
    wrong = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\("
        r"|postMessage|[\"']message[\"']|https?://"
    )

    assert [path.name for path in scripts] == ["passkeys.js"]
    for path in scripts:
        assert not wrong.findall(path.read_text(encoding="utf-8"))


def test_every_test_that_the_security_checks_name_is_there() -> None:
    page = (TOP / "docs" / "security-checks.md").read_text(encoding="utf-8")
    tests = "\n".join(
        path.read_text(encoding="utf-8") for path in (TOP / "tests").rglob("test_*.py")
    )
    named = re.findall(r"test_[a-z0-9_]{12,}", page.replace(".py", " "))
    known = set(re.findall(r"def (test_\w+)", tests))
    files = {path.stem for path in (TOP / "tests").rglob("test_*.py")}

    assert named
    assert sorted(set(named) - known - files) == []


def test_links_in_docs_lead_somewhere() -> None:
    broken = [
        f"{name}: {target}"
        for name, text in texts().items()
        if name.endswith(".md")
        for target in LINK.findall(text)
        if "://" not in target
        and not target.startswith(("#", "mailto:"))
        and not (TOP / name).parent.joinpath(target.partition("#")[0]).exists()
    ]

    assert broken == []
