"""Settings, commands and dependencies are documented, and the documents refer only to what exists."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *ROOT.glob("CONTRIBUTING.md")]
# Set by manage.py for itself.
INTERNAL = {"DEBUG_DEFAULT", "DJANGO_SETTINGS_MODULE"}


def sources_of_settings() -> list[str]:
    return [
        (ROOT / "community" / f"{name}.py").read_text(encoding="utf-8")
        for name in ("settings", "extensions", "limits")
    ]


def names_in_settings() -> set[str]:
    return {
        node.args[0].value
        for source in sources_of_settings()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id.startswith("env_")
        and isinstance(node.args[0], ast.Constant)
    } - INTERNAL


def names_in_run() -> set[str]:
    return set(re.findall(r'"\$\{([A-Z_]+):=', (ROOT / "bin" / "run").read_text(encoding="utf-8")))


def names_in_table() -> set[str]:
    return set(re.findall(r"^\| `([A-Z0-9_]+)`", CONFIGURATION, re.MULTILINE))


def test_the_configuration_page_names_every_variable_once_and_no_other():
    assert len(re.findall(r"^\| `[A-Z0-9_]+`", CONFIGURATION, re.MULTILINE)) == len(names_in_table())
    assert names_in_table() == names_in_settings() | names_in_run()


def test_the_readme_fits_on_a_screen_or_two():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 90


def test_the_example_names_only_variables_there_are():
    example = re.findall(
        r"^#?([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert set(example) <= names_in_table()


def test_no_setting_is_set_in_two_places():
    names = [
        target.id
        for source in sources_of_settings()
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    ]
    assert [name for name in {*names} if names.count(name) > 1] == []


def test_settings_are_read_through_the_functions_that_refuse_nonsense():
    for source in sources_of_settings():
        assert "os.environ" not in source
        assert "getenv" not in source


def test_every_dependency_says_what_it_is_for():
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    lines = [
        line
        for name in ("requirements.in", "requirements-dev.in", "requirements-s3.in", "requirements-otel.in")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
    ]
    names = {re.split(r"[=\[]", line)[0] for line in lines if line and line[0] not in "#-"}
    assert sorted(name for name in names if f"| {name} |" not in text) == []


@pytest.mark.parametrize(
    "lock",
    [
        "requirements.txt",
        "requirements-dev.txt",
        "requirements-s3.txt",
        "requirements-otel.txt",
        "requirements-uv.txt",
    ],
)
def test_locks_pin_exactly_with_hashes_and_name_no_registry(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    pins = re.findall(r"^[A-Za-z0-9_.-]+==[^ ]+(?: ; [^\\]+)? \\$", text, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE)) > 0
    assert re.findall(r"https?://|index-url|find-links|file:| @ ", text) == []


def test_runtime_and_development_are_one_resolution():
    def pins(name: str) -> dict[str, str]:
        return dict(
            re.findall(
                r"^([A-Za-z0-9_.-]+)==([^ ]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE
            )
        )

    everything = pins("requirements-dev.txt")
    assert [
        name
        for part in (
            "requirements.txt",
            "requirements-s3.txt",
            "requirements-otel.txt",
            "requirements-uv.txt",
        )
        for name, version in pins(part).items()
        if everything.get(name) != version
    ] == []


def test_every_target_of_make_that_people_use_says_what_it_does():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
    described = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    assert phony - described == {"install-dev"}
    assert described <= phony


def test_what_is_checked_before_a_commit_is_what_make_checks():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    targets = re.findall(r"entry: make --no-print-directory (\S+)", hooks)
    assert targets == re.search(r"^HOOKS := (.+)$", makefile, re.MULTILINE)[1].split()
    assert re.findall(r"^  - repo: (.+)$", hooks, re.MULTILINE) == ["local"]


def test_links_between_documents_lead_somewhere():
    links = [
        (path, link)
        for path in DOCUMENTS
        for link in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", path.read_text(encoding="utf-8"))
    ]
    assert len(links) > 100
    assert [(str(path), link) for path, link in links if not (path.parent / link).exists()] == []


def test_documents_speak_of_commands_that_exist():
    commands = {path.stem for path in ROOT.glob("*/management/commands/*.py")}
    commands |= {
        "migrate",
        "collectstatic",
        "check",
        "createsuperuser",
        "shell",
        "makemigrations",
        "runserver",
        "changepassword",
        "dumpdata",
        "loaddata",
    }
    spoken = {
        command
        for path in DOCUMENTS
        for command in re.findall(r"manage\.py ([a-z_]+)", path.read_text(encoding="utf-8"))
    }
    assert spoken <= commands


RECORDS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))


def test_decision_records_are_numbered_without_holes():
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))


def test_a_decision_record_has_title_date_status_and_three_sections():
    sections, odd = ["## Context", "## Decision", "## Consequences"], {}
    for path in RECORDS:
        title, _, head, *rest = path.read_text(encoding="utf-8").splitlines()
        has = (
            re.fullmatch(rf"# {path.name[:4]} \S.+", title) is not None,
            re.fullmatch(r"Date: \d{4}-\d\d-\d\d · Status: (accepted|superseded)\b.*", head) is not None,
            [line for line in rest if line.startswith("## ")],
        )
        if has != (True, True, sections):
            odd[path.name] = (title, head, has)
    assert odd == {}


def test_the_index_of_decisions_lists_every_record_by_its_title():
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    titles = {path.name: path.read_text(encoding="utf-8").splitlines()[0][7:] for path in RECORDS}
    assert dict(re.findall(r"^\| \[\d{4}\]\((\S+)\) \| (.+?) \|", index, re.MULTILINE)) == titles


def test_code_names_only_decision_records_that_exist():
    numbers = {path.name[:4] for path in RECORDS}
    code = [path for app in ("accounts", "comments", "community", "core", "moderation", "notifications", "posts", "transfer", "static", "tests")
            for path in (ROOT / app).rglob("*") if path.suffix in {".py", ".js"}]  # fmt: skip
    named = {
        number
        for path in code
        for number in re.findall(r"decisions?[ /](\d{4})", path.read_text(encoding="utf-8"))
    }
    assert named - numbers == set()
