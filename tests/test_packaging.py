"""What a user installs: the lock files, the conda environment, the two commands of the README."""

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-pandas2.lock")


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def split(requirement):
    name, bounds = re.fullmatch(r"([A-Za-z0-9_.-]+)(.*)", requirement).groups()
    return name.lower(), frozenset(filter(None, bounds.split(",")))


def test_conda_environment_names_the_same_packages_and_bounds_as_pyproject():
    conda_names = {"python-duckdb": "duckdb"}
    lines = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    found = {}
    for line in lines:
        name, bounds = split(line)
        found[conda_names.get(name, name)] = bounds
    assert found.pop("python") == {">=3.11", "<3.14"}
    assert project()["requires-python"] == ">=3.11"
    found.pop("pip")
    extras = project()["optional-dependencies"]
    wanted = [
        *project()["dependencies"],
        *(line for name in ("course", "report", "scale", "test") for line in extras[name]),
    ]
    assert found == dict(split(line) for line in wanted if not line.startswith("sellerlab"))


def test_conda_environment_is_what_the_tool_writes():
    path = ROOT / "tools" / "environment.py"
    spec = importlib.util.spec_from_file_location("environment", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert tool.environment() == (ROOT / "environment.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", LOCKS)
def test_lock_holds_versions_and_hashes_and_no_address(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    blocks = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert len(blocks) > 100
    for block in blocks:
        assert re.match(r"[a-z0-9._-]+==\S+", block), block[:60]
        assert "--hash=sha256:" in block, block[:60]


@pytest.mark.parametrize("name", LOCKS)
def test_lock_satisfies_every_direct_dependency(name):
    locked = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
    lines = [
        *project()["dependencies"],
        *(line for extra in project()["optional-dependencies"].values() for line in extra),
    ]
    wanted = {split(line)[0] for line in lines if not line.startswith("sellerlab")}
    assert wanted - locked == set()


def test_readme_commands_are_targets_of_the_makefile():
    targets = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in ("README.md", "CONTRIBUTING.md"):
        named = set(
            re.findall(r"(?:^|`)make ([a-z0-9]+)", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
        )
        assert {"test"} <= named <= targets, page


def test_ci_calls_make_test():
    assert "\nmake test\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_links_between_pages_lead_to_files():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    assert pages
    for page in pages:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_import_brings_in_no_heavy_library():
    code = (
        "import sys, sellerlab; "
        "heavy = ('pandas', 'matplotlib', 'scipy', 'babel', 'polars', 'papermill'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_every_public_module_is_reachable_and_a_typo_is_answered():
    import sellerlab as sl

    for name in sl.__all__:
        assert getattr(sl, name) is not None
    with pytest.raises(AttributeError, match="Did you mean 'margin'"):
        _ = sl.margins
