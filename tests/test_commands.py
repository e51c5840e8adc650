"""The command line: exit codes, what goes to standard output and what to standard error."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from extractor import __version__
from extractor.commands import main
from extractor.labels import LabelledPosting

ROOT = Path(__file__).parents[1]
TEXT = "You write Python and SQL for our team."
ROW = {"id": "7", "title": "Data Analyst", "text": TEXT}
NOT_JSON = "is not JSON: Expecting value: line 1 column 1 (char 0)"
COMMANDS = ("analyze", "classify", "extract")


@pytest.fixture(autouse=True)
def _loads_once(monkeypatch: pytest.MonkeyPatch, load_once: Any) -> None:
    monkeypatch.setattr("extractor.analyzer.Analyzer.load", load_once)


@pytest.fixture
def ad(tmp_path: Path) -> Path:
    path = tmp_path / "ad.txt"
    path.write_text(f"Data Analyst\n\n{TEXT}")
    return path


@pytest.fixture
def ads(tmp_path: Path) -> Path:
    """Two good rows with a broken one between."""
    path = tmp_path / "ads.jsonl"
    path.write_text(f"{json.dumps(ROW)}\nnonsense\n{json.dumps({**ROW, 'id': '9'})}\n")
    return path


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(main, list(map(str, args)))


def shell(
    *args: str | Path, stdin: bytes = b"", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """A process of its own, as a shell starts it."""
    return subprocess.run(
        [sys.executable, *map(str, args)],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        env={**os.environ, **(env or {})},
        timeout=120,
        check=False,
    )


def objects(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def all_commands(
    group: click.Group = main, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, click.Command]]:
    """Every command by its full name: ("skills search", …)."""
    for name, command in group.commands.items():
        yield " ".join((*path, name)), command
        if isinstance(command, click.Group):
            yield from all_commands(command, (*path, name))


ALL_COMMANDS = dict(all_commands())


# --- the commands themselves ---------------------------------------------------------------------


def test_these_are_the_commands() -> None:
    assert set(ALL_COMMANDS) == {
        "analyze",
        "classify",
        "extract",
        "explain",
        "train",
        "review",
        "drift",
        "evaluate",
        "skills",
        "skills search",
        "skills show",
        "skills check",
        "skills suggest",
        "skills train",
    }


@pytest.mark.parametrize("name", sorted(ALL_COMMANDS))
def test_every_command_and_option_has_help(name: str) -> None:
    command = ALL_COMMANDS[name]
    assert command.help
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []


@pytest.mark.parametrize("name", sorted(ALL_COMMANDS))
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_explains_itself(name: str, flag: str) -> None:
    result = run(*name.split(), flag)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith(f"Usage: main {name} ")


@pytest.mark.parametrize("name", sorted(ALL_COMMANDS))
def test_every_command_appears_in_the_readme(name: str) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"(?<![\w-]){name}(?![\w-])", text)


@pytest.mark.parametrize("name", COMMANDS)
def test_options_of_the_commands_that_read_are_those_promised(name: str) -> None:
    options = {opt for one in ALL_COMMANDS[name].params for opt in one.opts if opt.startswith("-")}
    promised = {"-o", "--format", "--vocabulary", "--title-field", "--text-field", "--id-field"}
    assert promised | {"--strict"} <= options
    assert ("--model" in options) == (name != "extract")


def test_help_loads_no_heavy_package() -> None:
    """`--help` answers at once: spaCy alone takes a second."""
    code = (
        "import sys; from click.testing import CliRunner; from extractor.commands import main; "
        "CliRunner().invoke(main, ['analyze', '--help']); "
        "print(sorted({'spacy', 'sklearn', 'scipy', 'numpy', 'pydantic', 'rich', 'joblib'} "
        "& set(sys.modules)))"
    )
    assert shell("-c", code).stdout.decode().strip() == "[]"


def test_the_version_names_package_model_and_vocabulary() -> None:
    result = run("--version")
    assert (result.exit_code, result.stderr) == (0, "")
    package, model, tagger, vocabulary, codes = result.stdout.splitlines()
    assert package == f"extractor {__version__}"
    assert re.fullmatch(r"model [0-9a-f]{12} \(format \d+\)", model)
    assert re.fullmatch(r"tagger [0-9a-f]{12} \(format \d+\)", tagger)
    assert re.fullmatch(r"vocabulary [0-9a-f]{12} \(\d+ skills\)", vocabulary)
    assert codes == "codes of ESCO 1.2, O*NET Technology Skills"


@pytest.mark.parametrize("start", [("-m", "extractor"), ("cli.py",)])
def test_the_module_and_the_script_start_the_same(start: tuple[str, ...]) -> None:
    done = shell(*start, "--version")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines()[0] == f"extractor {__version__}"


# --- analyze, classify, extract ------------------------------------------------------------------


def test_analyze_gives_role_and_skills(ad: Path, valid: Draft202012Validator) -> None:
    result = run("analyze", ad)
    assert (result.exit_code, result.stderr) == (0, "")
    (found,) = objects(result.stdout)
    valid.validate(found)
    assert (found["source"], found["title"]) == (str(ad), "Data Analyst")
    assert found["role"]["id"] == "bi-data-analyst"
    places = [(m["start"], m["text"]) for s in found["skills"] for m in s["mentions"]]
    assert (24, "Python") in places
    assert (35, "SQL") in places


def test_classify_gives_only_the_role(ad: Path, valid: Draft202012Validator) -> None:
    result = run("classify", ad)
    assert (result.exit_code, result.stderr) == (0, "")
    (found,) = objects(result.stdout)
    valid.validate(found)
    assert (found["role"]["id"], found["skills"]) == ("bi-data-analyst", [])


def test_extract_gives_only_the_skills(ad: Path, valid: Draft202012Validator) -> None:
    result = run("extract", ad)
    assert (result.exit_code, result.stderr) == (0, "")
    (found,) = objects(result.stdout)
    valid.validate(found)
    assert found["role"] is None
    assert {"python", "sql"} <= {skill["id"] for skill in found["skills"]}


def test_paths_are_read_in_their_order(ad: Path, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    for name in ("b.txt", "a.txt"):
        shutil.copy(ad, tmp_path / "more" / name)
    result = run("classify", tmp_path / "more", ad)
    sources = [Path(found["source"]).name for found in objects(result.stdout)]
    assert sources == ["a.txt", "b.txt", "ad.txt"]


def test_columns_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "ads.csv"
    path.write_text(f"no,name,advert\nx-1,Beekeeper,{TEXT}\n")
    options = ("--title-field", "name", "--text-field", "advert", "--id-field", "no")
    (found,) = objects(run("extract", path, *options).stdout)
    assert (found["id"], found["title"]) == ("x-1", "Beekeeper")
    assert [s["id"] for s in found["skills"]][:2] == ["python", "sql"]


def test_a_vocabulary_of_ones_own_is_added(ad: Path, tmp_path: Path) -> None:
    path = tmp_path / "ours.jsonl"
    path.write_text('{"id": "zz-team", "name": "our team", "kind": "soft", "category": "x"}\n')
    (found,) = objects(run("extract", ad, "--vocabulary", path).stdout)
    assert [s["id"] for s in found["skills"]] == ["python", "sql", "zz-team"]


def test_a_model_of_ones_own_is_used(ad: Path, tiny_model: Path) -> None:
    (found,) = objects(run("classify", ad, "--model", tiny_model).stdout)
    assert sorted(found["role"]["scores"]) == ["bi-data-analyst", "data-scientist", "nlp-engineer"]


def test_two_jobs_give_the_same_output(ads: Path) -> None:
    alone, together = run("classify", ads), run("classify", ads, "--jobs", "2")
    assert together.stdout == alone.stdout
    assert (together.exit_code, together.stderr) == (5, alone.stderr)


# --- standard input ------------------------------------------------------------------------------


def test_json_lines_are_read_from_standard_input() -> None:
    lines = "".join(json.dumps({**ROW, "id": one}) + "\n" for one in "ab")
    done = shell("-m", "extractor", "classify", "-", stdin=lines.encode())
    assert (done.returncode, done.stderr) == (0, b"")
    found = objects(done.stdout.decode())
    assert [(one["id"], one["source"]) for one in found] == [("a", "-:1"), ("b", "-:2")]


def test_plain_text_is_read_from_standard_input() -> None:
    done = shell("-m", "extractor", "classify", "-", stdin=f"Data Analyst\n\n{TEXT}".encode())
    assert (done.returncode, done.stderr) == (0, b"")
    (found,) = objects(done.stdout.decode())
    assert (found["id"], found["source"], found["title"]) == ("-", "-", "Data Analyst")


def test_nothing_on_standard_input_is_a_failure() -> None:
    done = shell("-m", "extractor", "classify", "-")
    assert done.returncode == 5
    assert objects(done.stdout.decode()) == [
        {"id": None, "source": "-", "failure": "no text; the description is empty"}
    ]
    assert done.stderr == b"0 analysed, 1 could not be read\n"


# --- where the output goes, and in which form ----------------------------------------------------


def table_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_piped_output_is_json_lines(ads: Path) -> None:
    assert [one["id"] for one in objects(run("classify", ads).stdout)] == ["7", None, "9"]


@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "table"])
def test_the_form_can_be_chosen(ad: Path, form: str) -> None:
    result = run("classify", ad, "--format", form)
    assert (result.exit_code, result.stderr) == (0, "")
    if form == "json":
        assert [one["title"] for one in json.loads(result.stdout)] == ["Data Analyst"]
    elif form == "jsonl":
        assert [one["title"] for one in objects(result.stdout)] == ["Data Analyst"]
    elif form == "csv":
        assert [row[2] for row in table_of(result.stdout)] == ["title", "Data Analyst"]
    else:
        assert "Data Analyst" in result.stdout
        assert "%" in result.stdout


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".csv", ".CSV"])
def test_the_suffix_of_the_file_says_the_form(ad: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out{suffix}"
    result = run("classify", ad, "-o", out)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    form = suffix.lower().lstrip(".")
    assert out.read_text(encoding="utf-8") == run("classify", ad, "--format", form).stdout


def test_the_form_chosen_beats_the_suffix(ad: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    run("classify", ad, "-o", out, "--format", "csv")
    assert out.read_text().startswith("id,source,title,")


def test_a_hyphen_as_output_is_standard_output(ad: Path) -> None:
    assert run("classify", ad, "-o", "-").stdout == run("classify", ad).stdout


def test_a_suffix_that_says_no_form_is_refused(ad: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    result = run("classify", ad, "-o", out)
    assert (result.exit_code, result.stdout) == (1, "")
    message = "no writer for '.xlsx'; known: .csv, .json, .jsonl; or say which with --format"
    assert result.stderr == f"error: {out}: {message}\n"
    assert not out.exists()


def test_a_file_is_written_in_utf8_whatever_the_terminal_speaks(tmp_path: Path) -> None:
    source, out = tmp_path / "ad.txt", tmp_path / "out.jsonl"
    source.write_text("Größe 日本\n\nPython.", encoding="utf-8")
    done = shell(
        "-m", "extractor", "classify", source, "-o", out, env={"PYTHONIOENCODING": "ascii"}
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(out.read_text(encoding="utf-8"))["title"] == "Größe 日本"


@pytest.mark.parametrize("form", ["jsonl", "csv", "table"])
def test_standard_output_takes_any_letter_whatever_the_terminal_speaks(
    tmp_path: Path, form: str
) -> None:
    """In a pipe on Windows standard output is not UTF-8."""
    source = tmp_path / "ad.txt"
    source.write_text("Größe 日本\n\nPython.", encoding="utf-8")
    arguments = ("-m", "extractor", "classify", source, "--format", form)
    done = shell(*arguments, env={"PYTHONIOENCODING": "cp1252"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Größe".encode() in done.stdout


def test_an_older_file_stays_when_a_run_fails(tmp_path: Path, ads: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("older")
    result = run("classify", ads, "-o", out, "--strict")
    assert result.exit_code == 1
    assert out.read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ads.jsonl", "out.jsonl"]


def test_a_file_that_cannot_be_written_is_told(ad: Path, tmp_path: Path) -> None:
    out = tmp_path / "nowhere" / "out.jsonl"
    result = run("classify", ad, "-o", out)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"error: {out}: cannot be written: No such file or directory\n"


@pytest.mark.parametrize("form", ["table", "jsonl", "csv"])
def test_no_escape_codes_go_into_a_pipe(ads: Path, form: str) -> None:
    done = shell("-m", "extractor", "classify", ads, "--format", form, env={"TERM": "xterm"})
    assert b"\x1b" not in done.stdout + done.stderr
    assert done.stderr == b"2 analysed, 1 could not be read\n"


def on_a_terminal(*args: str | Path, env: dict[str, str]) -> tuple[int, str]:
    """Exit code and output of a process whose output is a terminal."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, *map(str, args)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", **env},
    ) as process:
        os.close(theirs)
        text = b""
        while True:
            try:
                piece = os.read(ours, 65_536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            text += piece
    os.close(ours)
    return process.returncode, text.decode("utf-8", "replace")


def test_no_color_is_honoured_and_a_terminal_gets_a_table(ads: Path) -> None:
    code, text = on_a_terminal("-m", "extractor", "classify", ads, env={"NO_COLOR": "1"})
    assert code == 5
    assert "posting" in text
    assert "Data Analyst" in text
    assert (
        re.search(r"\x1b\[(?:[0-9;]*;)?(?:3[0-9]|4[0-9]|9[0-7]|10[0-7])(?:;[0-9;]*)?m", text)
        is None
    )


# --- failures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_a_broken_row_is_told_counted_and_the_rest_goes_on(
    ads: Path, name: str, valid: Draft202012Validator
) -> None:
    result = run(name, ads)
    assert result.exit_code == 5
    assert result.stderr == "2 analysed, 1 could not be read\n"
    first, broken, last = objects(result.stdout)
    assert [first["id"], last["id"]] == ["7", "9"]
    assert broken == {"id": None, "source": f"{ads}:2", "failure": NOT_JSON}
    valid.validate(broken)


@pytest.mark.parametrize("form", ["json", "csv", "table"])
def test_a_broken_row_stands_in_every_form(ads: Path, form: str) -> None:
    result = run("classify", ads, "--format", form)
    assert result.exit_code == 5
    assert "is not JSON" in " ".join(result.stdout.split())
    if form == "json":
        assert [one.get("failure") for one in json.loads(result.stdout)] == [None, NOT_JSON, None]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_strict_stops_at_the_first_broken_row(ads: Path, jobs: str) -> None:
    result = run("classify", ads, "--strict", "--jobs", jobs)
    assert result.exit_code == 1
    assert result.stderr == f"error: {ads}:2: {NOT_JSON}\n"
    assert [one["id"] for one in objects(result.stdout)] in (["7"], [])


def test_strict_changes_nothing_when_all_is_well(ad: Path) -> None:
    result = run("classify", ad, "--strict")
    assert (result.exit_code, result.stderr) == (0, "")


KNOWN = ".csv, .htm, .html, .json, .jsonl, .md, .ndjson, .tsv, .txt"


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("form", ["jsonl", "json", "csv", "table"])
def test_a_missing_file_is_one_line_and_no_output(tmp_path: Path, name: str, form: str) -> None:
    path = tmp_path / "nowhere.txt"
    result = run(name, path, "--format", form)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"error: {path}: no such file or folder\n"


def test_a_file_of_unknown_kind_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "ad.docx"
    path.write_bytes(b"x")
    result = run("analyze", path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"error: {path}: no reader for '.docx'; known: {KNOWN}\n"


def test_an_empty_folder_is_one_line(tmp_path: Path) -> None:
    result = run("analyze", tmp_path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"error: {tmp_path}: no postings in this folder; known: {KNOWN}\n"


def test_a_missing_column_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "ads.csv"
    path.write_text("no,text\n1,bees\n")
    result = run("analyze", path, "--title-field", "name")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"error: {path}: no column 'name'; known: no, text\n"


def test_a_damaged_model_is_one_line(ad: Path, tiny_model: Path, tmp_path: Path) -> None:
    model = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    (model / "terms.json").write_text("{}")
    result = run("analyze", ad, "--model", model)
    assert (result.exit_code, result.stdout) == (1, "")
    reason = "does not have the digest that card.json states; the file was changed or damaged"
    assert result.stderr == f"error: {model / 'terms.json'}: {reason}\n"


def test_a_wrong_vocabulary_is_one_line(ad: Path, tmp_path: Path) -> None:
    path = tmp_path / "ours.jsonl"
    path.write_text('\n{"id": "zz-kite"}\n')
    result = run("analyze", ad, "--vocabulary", path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"error: {path}:2: name: Field required\n"


def test_an_error_in_a_process_of_its_own_is_no_traceback(tmp_path: Path) -> None:
    done = shell("cli.py", "classify", tmp_path / "nowhere.txt")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode() == f"error: {tmp_path / 'nowhere.txt'}: no such file or folder\n"


@pytest.mark.parametrize("name", sorted(ALL_COMMANDS))
def test_an_unknown_option_is_wrong_usage(name: str) -> None:
    result = run(*name.split(), "--loud")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error: No such option" in result.stderr
    assert "--loud" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("analyze",), "Missing argument 'PATH...'"),
        (("analyze", "ad.txt", "--format", "xml"), "'xml' is not one of"),
        (("analyze", "ad.txt", "--jobs", "0"), "0 is not in the range x>=1"),
        (("train",), "Missing argument 'DATA...'"),
        (("train", "labels.jsonl"), "Missing option '-o' / '--output'"),
        (("evaluate",), "Missing argument 'GOLD'"),
        (("skills", "show"), "Missing argument 'ID'"),
        (("dance",), "No such command 'dance'"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_why(arguments: tuple[str, ...], reason: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert reason in result.stderr


def test_a_reader_that_has_had_enough_is_no_error() -> None:
    """`extractor … | head -1`"""
    with subprocess.Popen(
        [sys.executable, "-m", "extractor", "skills", "search", "a"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


# --- train and evaluate --------------------------------------------------------------------------


@pytest.fixture
def three_roles(tmp_path: Path) -> Path:
    """A roles file with the three roles of the invented labels."""
    path = tmp_path / "roles.toml"
    ids = ("bi-data-analyst", "data-scientist", "nlp-engineer")
    path.write_text("".join(f'[[roles]]\nid = "{one}"\nname = "{one.upper()}"\n' for one in ids))
    return path


@pytest.fixture
def labels(labelled: tuple[LabelledPosting, ...], tmp_path: Path) -> Path:
    path = tmp_path / "labels.jsonl"
    rows = (
        {"title": one.posting.title, "text": one.posting.text, "primary": one.role, "company": n}
        for n, one in enumerate(labelled)
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_train_writes_a_model_that_classify_takes(
    labels: Path, three_roles: Path, tiny_model: Path, ad: Path, tmp_path: Path
) -> None:
    model = tmp_path / "model"
    options = ("--roles", three_roles, "--min-employers", "1", "--current", tiny_model)
    result = run("train", labels, "-o", model, *options)
    assert result.exit_code == 0
    assert result.stderr.splitlines()[0] == "… reading"
    counted, figures, verdict = result.stdout.splitlines()
    assert counted == "45 labelled postings, 0 of them near-copies"
    numbers = r"accuracy \S+  accepted \S+  macro_f1 \S+  ece \S+  log_loss \S+  sure80 \S+"
    assert re.match(rf"postings 45  {numbers}  untitled \S+  answers \d+% at ", figures)
    assert verdict.startswith("undecided: only 0 postings that the current model has not seen")
    (found,) = objects(run("classify", ad, "--model", model).stdout)
    assert (found["role"]["id"], found["role"]["name"]) == ("bi-data-analyst", "BI-DATA-ANALYST")


def test_train_refuses_an_unknown_role(labels: Path, tmp_path: Path) -> None:
    with labels.open("a") as stream:
        stream.write(json.dumps({"text": TEXT, "role": "cook"}) + "\n")
    result = run("train", labels, "-o", tmp_path / "model")
    assert (result.exit_code, result.stdout) == (1, "")
    known = (
        "ai-engineer, bi-data-analyst, data-scientist, machine-learning-engineer, "
        "ml-software-engineer, nlp-engineer, other"
    )
    said = f"error: {labels}:46: unknown role 'cook'; known: {known}"
    assert result.stderr.splitlines() == ["… reading", said]
    assert not (tmp_path / "model").exists()


def test_train_refuses_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.jsonl"
    result = run("train", path, "-o", tmp_path / "model")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == ["… reading", f"error: {path}: no such file or folder"]


def test_evaluate_tells_role_figures(labels: Path, tiny_model: Path) -> None:
    result = run("evaluate", labels, "--model", tiny_model)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("roles   postings 45  accuracy 1.0  accepted 1.0  macro_f1 1.0")


def test_evaluate_tells_all_figures_as_json(tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    marks = [{"start": 10, "end": 16, "kind": "tool"}, {"start": 21, "end": 24, "kind": "tool"}]
    gold.write_text(json.dumps({**ROW, "mentions": marks, "primary": "bi-data-analyst"}) + "\n")
    result = run("evaluate", gold, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    figures = json.loads(result.stdout)
    assert figures["roles"]["accuracy"] == 1.0
    assert figures["skills"]["recall_by_kind"] == {"tool": 1.0}


def test_evaluate_refuses_a_file_without_labels(ad: Path, tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps(ROW) + "\n")
    result = run("evaluate", gold)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"error: {gold}: no row carries `primary` or `mentions`\n"


# --- skills --------------------------------------------------------------------------------------


def test_search_lists_ids_kinds_and_names() -> None:
    result = run("skills", "search", "POWER BI")
    assert (result.exit_code, result.stderr) == (0, "")
    rows = dict(line.split("\t", 1) for line in result.stdout.splitlines())
    assert rows["power-bi"].startswith("tool\tPower BI")


def test_search_that_finds_nothing_prints_nothing() -> None:
    result = run("skills", "search", "zzkitewing")
    assert (result.exit_code, result.stdout) == (0, "")


def test_show_prints_the_line_of_a_skill() -> None:
    result = run("skills", "show", "python")
    assert (result.exit_code, result.stderr) == (0, "")
    line = json.loads(result.stdout)
    assert (line["id"], line["name"], line["kind"]) == ("python", "Python", "tool")
    assert None not in line.values()


def test_show_refuses_an_unknown_id() -> None:
    result = run("skills", "show", "zz-nobody")
    assert (result.exit_code, result.stdout) == (1, "")
    message = "no skill 'zz-nobody'; `extractor skills search WORD` finds ids"
    assert result.stderr == f"error: {message}\n"


def test_check_says_that_a_file_is_good(tmp_path: Path) -> None:
    path = tmp_path / "ours.jsonl"
    path.write_text('{"id": "zz-kite", "name": "Kitewing", "kind": "tool", "category": "x"}\n')
    result = run("skills", "check", path)
    assert (result.exit_code, result.stderr) == (0, "")
    pattern = rf"{re.escape(str(path))}: good; \d+ skills together with the bundled ones\n"
    assert re.fullmatch(pattern, result.stdout)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nonsense", "line: Invalid JSON: expected ident at line 1 column 2"),
        ('{"id": "zz-kite"}', "name: Field required"),
        (
            '{"id": "zz-kite", "name": "Pandas", "kind": "tool", "category": "x"}',
            "'Pandas' of 'zz-kite' is a name of 'pandas' too; "
            "keep it on one, or tell them apart by case or an ambiguous rule",
        ),
    ],
    ids=["no JSON", "missing key", "name taken"],
)
def test_check_names_the_first_fault(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "ours.jsonl"
    path.write_text(line + "\n")
    result = run("skills", "check", path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"error: {path}:1: {reason}\n"


def test_check_finds_the_bundled_vocabulary_good() -> None:
    result = run("skills", "check", ROOT / "extractor" / "data" / "skills.jsonl")
    assert (result.exit_code, result.stderr) == (0, "")
