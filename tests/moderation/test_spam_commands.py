"""spam_train and spam_score, used from a terminal or by a program."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from moderation.models import Assessment, LearnerState, TrainingSample
from tests.moderation.test_learning import BEES, LAMPS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bench(tmp_path):
    """The environment of a measurement: its own folder for what is learned, and no existing database."""
    return {
        **os.environ,
        "SPAM_EVAL": "1",
        "SPAM_EVAL_DIR": str(tmp_path / "bench"),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "DEBUG": "1",
        "VAR_DIR": str(tmp_path / "var"),
    }


@pytest.fixture
def lamps_csv(tmp_path) -> Path:
    path = tmp_path / "lamps.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ID", "CONTENT", "CLASS"])
        writer.writerows([number, text, 1] for number, text in enumerate(LAMPS * 3))
        writer.writerows([number, text, 0] for number, text in enumerate(BEES * 3))
        writer.writerow([99, "no class at all", "-1"])
    return path


def run(bench, *args: str, lines: list[object] | None = None) -> list[dict]:
    """Run it in a process, as programs do."""
    done = subprocess.run(
        [sys.executable, "manage.py", *args], cwd=ROOT, env=bench, input=as_input(lines or []), capture_output=True, timeout=60, check=True
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def as_input(lines: list[object]) -> bytes:
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


@pytest.fixture
def measure(bench, monkeypatch, capsys) -> Callable[..., list[dict]]:
    """Each call starts with what the previous one stored. The tests have no database either (pytest-django)."""
    for name in ("SPAM_EVAL", "SPAM_EVAL_DIR"):
        monkeypatch.setenv(name, bench[name])

    def call(*args: str, lines: list[object] | None = None) -> list[dict]:
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(as_input(lines or []))))
        capsys.readouterr()
        call_command(*args)
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return call


ASKED = [
    {"id": "1", "text": "A golden lamp to take home"},
    {"id": "2", "text": "", "unknown": {"key": [1]}},
    {"text": "bees \x00 \ud83d", "author_name": None, "seconds_to_submit": "soon", "first_post": 3},
    {"id": "4"},
]


def test_each_line_has_its_answer_in_order_and_scoring_changes_nothing(bench):
    first = run(bench, "spam_score", lines=ASKED)
    assert [sorted(answer) for answer in first] == [["decision", "reasons", "score"]] * 4
    assert all(0 <= answer["score"] <= 1 for answer in first)
    assert run(bench, "spam_score", lines=ASKED[::-1])[::-1] == first


def test_training_prior_and_reset(measure, lamps_csv):
    def score() -> float:
        return measure("spam_score", lines=ASKED[:1])[0]["score"]

    empty = score()
    measure("spam_train", str(lamps_csv))
    own = score()
    measure("spam_train", "--reset")
    assert score() == empty
    measure("spam_train", "--prior", str(lamps_csv))
    prior = score()
    assert empty < prior < 0.5 < own
    measure("spam_train", str(lamps_csv))
    measure("spam_train", str(lamps_csv))
    assert score() > 0.5


def test_learning_line_by_line_tells_the_score_before_the_decision(measure):
    lines: list[object] = []
    for text in LAMPS * 2:
        lines += [{"text": text}, {"learn": 1}]
    answers = measure("spam_score", "--learn", lines=lines)
    assert answers[1::2] == [{"ok": True}] * 6
    assert answers[0]["score"] < 0.5 < answers[-2]["score"]
    assert measure("spam_score", lines=ASKED[:1])[0]["score"] > answers[0]["score"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "the first line must name"),
        ("TEXT,LABEL\na,1\n", "the first line must name"),
        (None, "No such file"),
    ],
)
def test_a_file_that_cannot_be_learned_from_gets_one_plain_line(tmp_path, content, complaint):
    path = tmp_path / "x.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError, match=complaint):
        call_command("spam_train", str(path))


def test_without_a_file_it_says_what_it_wants():
    with pytest.raises(CommandError, match="Name a file"):
        call_command("spam_train")


def test_a_live_site_learns_a_file_in_its_tables_and_forgets_it_again(db, lamps_csv):
    call_command("spam_train", str(lamps_csv))
    assert (
        TrainingSample.objects.count(),
        LearnerState.objects.get().decisions,
        Assessment.objects.filter(comment=None).count(),
    ) == (18, 18, 18)
    call_command("spam_train", "--prior", str(lamps_csv))
    assert LearnerState.objects.get().prior
    call_command("spam_train", "--reset")
    state = LearnerState.objects.get()
    assert (
        TrainingSample.objects.count(),
        Assessment.objects.count(),
        state.decisions,
        bytes(state.own),
        bytes(state.prior),
    ) == (0, 0, 0, b"", b"")
