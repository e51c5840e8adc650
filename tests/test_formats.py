"""Readers and writers: what each makes of good files, and of broken ones."""

from __future__ import annotations

import csv
import gzip
import io
import json
import lzma
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from extractor.errors import FormatError
from extractor.formats import MAX_TEXT, READERS, Columns, read_postings, read_rows
from extractor.formats.html import html_to_text
from extractor.formats.plain import find_title
from extractor.formats.writers import WRITERS
from extractor.records import (
    Evidence,
    Failure,
    Posting,
    Result,
    Role,
    Skill,
    SkillMention,
    Years,
)

KNOWN = ".csv, .htm, .html, .json, .jsonl, .md, .ndjson, .tsv, .txt"
NOT_UTF8 = "is not UTF-8; save it as UTF-8"
NO_TEXT = "no text; the description is empty"
NOT_JSON = "is not JSON: Expecting value: line 1 column 1 (char 0)"
TEXT = "You keep bees and write Python."
ROW = {"id": "7", "title": "Beekeeper", "description": TEXT}
Save = Callable[[str, "str | bytes"], Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Writes a file; text as UTF-8 with its line ends as they are."""

    def write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


def read(path: Path, **columns: Any) -> list[Posting | Failure]:
    return list(read_postings([path], Columns(**columns)))


def refusal(*paths: Path | str, **columns: Any) -> str:
    with pytest.raises(FormatError) as caught:
        list(read_postings(paths, Columns(**columns)))
    return str(caught.value)


# --- good files ----------------------------------------------------------------------------------

JOB_LD = {"@context": "https://schema.org", "@type": "JobPosting", "title": "Beekeeper"}
GOOD = {
    "ad.txt": f"Beekeeper\n\n{TEXT}",
    "ad.md": f"# Beekeeper\n\n{TEXT}\n",
    "ad.html": f"<h1>Beekeeper</h1><p>{TEXT}</p>",
    "ad.htm": f"<title>Beekeeper</title><body>{TEXT}",
    "ad.json": json.dumps(ROW),
    "ads.jsonl": json.dumps(ROW) + "\n",
    "ads.ndjson": json.dumps(ROW),
    "ads.csv": f"id,title,description\n7,Beekeeper,{TEXT}\n",
    "ads.tsv": f"id\ttitle\tdescription\n7\tBeekeeper\t{TEXT}\n",
}


def test_every_suffix_with_a_reader_has_an_example_here() -> None:
    assert {Path(name).suffix for name in GOOD} == set(READERS)


@pytest.mark.parametrize("name", sorted(GOOD))
def test_every_reader_finds_title_and_text(save: Save, name: str) -> None:
    (posting,) = read(save(name, GOOD[name]))
    assert isinstance(posting, Posting)
    assert posting.title == "Beekeeper"
    assert TEXT in posting.text


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_suffix_counts_in_any_case(save: Save, name: str) -> None:
    (posting,) = read(save(name.upper(), GOOD[name]))
    assert isinstance(posting, Posting)
    assert posting.title == "Beekeeper"


@pytest.mark.parametrize("name", sorted(GOOD))
@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".xz", lzma.compress)])
def test_a_packed_file_reads_like_the_plain_one(
    save: Save, name: str, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    (plain,) = read(save(name, GOOD[name]))
    (packed,) = read(save(name + suffix, pack(GOOD[name].encode())))
    assert isinstance(plain, Posting)
    assert isinstance(packed, Posting)
    assert (packed.title, packed.text) == (plain.title, plain.text)


@pytest.mark.parametrize("name", sorted(GOOD))
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_says_the_encoding_and_is_no_text(
    save: Save, name: str, encoding: str
) -> None:
    """Notepad writes the one, PowerShell's ">" the other, in every kind of file."""
    (plain,) = read(save(name, GOOD[name]))
    (marked,) = read(save(name, GOOD[name].encode(encoding)))
    assert marked == plain


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["ads.jsonl", "ads.csv"])
def test_utf16_of_either_byte_order_keeps_all_its_rows(
    save: Save, name: str, encoding: str
) -> None:
    """The letter Ċ is 0x010A in UTF-16: its bytes hold a line feed."""
    rows = {
        "ads.jsonl": "".join(json.dumps({"text": f"{c} {TEXT}"}) + "\n" for c in "abc"),
        "ads.csv": "text\r\n" + "".join(f"{c} {TEXT}\r\n" for c in "aĊc"),
    }
    found = read(save(name, ("\ufeff" + rows[name]).encode(encoding)))
    texts = [one.text for one in found if isinstance(one, Posting)]
    assert [text[2:] for text in texts] == [TEXT] * 3


def test_the_rows_of_a_table_keep_order_id_and_line(save: Save) -> None:
    path = save("ads.csv", "id,title,text\n7,A,one\n8,B,two\n")
    assert read(path) == [
        Posting("7", "one", "A", f"{path}:2"),
        Posting("8", "two", "B", f"{path}:3"),
    ]


def test_the_lines_of_json_lines_keep_order_id_and_line(save: Save) -> None:
    path = save("ads.jsonl", '{"id": "7", "text": "one"}\n\n{"id": 8, "text": "two"}\n')
    assert read(path) == [
        Posting("7", "one", "", f"{path}:1"),
        Posting("8", "two", "", f"{path}:3"),
    ]


def test_a_posting_without_an_id_is_called_by_its_place(save: Save) -> None:
    path = save(
        "ads.jsonl", '{"text": "one"}\n{"id": "", "text": "two"}\n{"id": null, "text": "x"}'
    )
    assert [one.id for one in read(path)] == [f"{path}:1", f"{path}:2", f"{path}:3"]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([ROW, {**ROW, "id": "8"}]),
        json.dumps({"jobs": [ROW, {**ROW, "id": "8"}]}),
        json.dumps({"count": 2, "results": [ROW, {**ROW, "id": "8"}]}),
    ],
)
def test_json_may_hold_a_list_of_postings(save: Save, content: str) -> None:
    path = save("ads.json", content)
    assert read(path) == [
        Posting("7", TEXT, "Beekeeper", f"{path}:1"),
        Posting("8", TEXT, "Beekeeper", f"{path}:2"),
    ]


def test_json_may_be_one_posting(save: Save) -> None:
    path = save("ad.json", json.dumps(ROW, indent=2))
    assert read(path) == [Posting("7", TEXT, "Beekeeper", str(path))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_read_off_the_header(save: Save, delimiter: str) -> None:
    lines = (("id", "title", "text"), ("7", "A", "one. two! three?"))
    path = save("ads.csv", "\n".join(delimiter.join(line) for line in lines))
    assert read(path) == [Posting("7", "one. two! three?", "A", f"{path}:2")]


def test_a_folder_is_walked_in_order_and_only_for_known_kinds(save: Save, tmp_path: Path) -> None:
    save("ads/b.txt", "bee")
    save("ads/c/a.md", "cat")
    save("ads/a.jsonl.gz", gzip.compress(b'{"text": "ant"}'))
    save("ads/notes.docx", "nothing")
    save("ads/.hidden.txt", "nothing")
    save("ads/.git/d.txt", "nothing")
    found = read(tmp_path / "ads")
    assert [one.text for one in found if isinstance(one, Posting)] == ["ant", "bee", "cat"]


def test_several_paths_are_read_in_the_order_given(save: Save) -> None:
    paths = [save("b.txt", "bee"), save("a.txt", "ant")]
    found = [one.text for one in read_postings(paths) if isinstance(one, Posting)]
    assert found == ["bee", "ant"]


def test_rows_carry_their_other_columns(save: Save) -> None:
    path = save("ads.csv", "text,role,town\none,other,Ulm\n")
    (row,) = read_rows([path])
    assert not isinstance(row, Failure)
    assert dict(row.values) == {"text": "one", "role": "other", "town": "Ulm"}


# --- columns -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["title", "job_title", "Job Title", "jobTitle", "position"])
def test_usual_names_of_the_title_are_recognised(save: Save, name: str) -> None:
    (posting,) = read(save("ads.jsonl", json.dumps({name: "Beekeeper", "text": TEXT})))
    assert isinstance(posting, Posting)
    assert posting.title == "Beekeeper"


@pytest.mark.parametrize(
    "name", ["description", "text", "body", "job_description", "Job Description", "JOB-DESCRIPTION"]
)
def test_usual_names_of_the_text_are_recognised(save: Save, name: str) -> None:
    (posting,) = read(save("ads.csv", f"pay,{name}\n9,{TEXT}\n"))
    assert isinstance(posting, Posting)
    assert posting.text == TEXT


@pytest.mark.parametrize("name", ["id", "job_id", "JobID", "url"])
def test_usual_names_of_the_id_are_recognised(save: Save, name: str) -> None:
    (posting,) = read(save("ads.tsv", f"{name}\ttext\nx-9\t{TEXT}\n"))
    assert posting.id == "x-9"


def test_the_likelier_of_two_usual_names_is_taken(save: Save) -> None:
    row = {"url": "u", "id": "i", "body": "b", "description": "d", "position": "p", "title": "t"}
    path = save("ads.jsonl", json.dumps(row))
    assert read(path) == [Posting("i", "d", "t", f"{path}:1")]


def test_columns_can_be_named(save: Save) -> None:
    path = save("ads.csv", "no,name,advert,text\n7,Beekeeper,bees,wrong\n")
    found = read(path, title="name", text="advert", id="no")
    assert found == [Posting("7", "bees", "Beekeeper", f"{path}:2")]


def test_a_column_asked_for_that_is_not_there_is_refused(save: Save) -> None:
    path = save("ads.csv", "no,text\n7,bees\n")
    assert refusal(path, title="name") == f"{path}: no column 'name'; known: no, text"


def test_a_table_without_a_column_for_the_text_is_refused(save: Save) -> None:
    path = save("ads.csv", "town,pay\nUlm,9\n")
    assert refusal(path) == (
        f"{path}: no column for the text among 'pay', 'town'; usual names: description, text, "
        "body, jobdescription; or say which with --text-field"
    )


def test_an_object_without_a_key_for_the_text_is_a_failure(save: Save) -> None:
    path = save("ads.jsonl", '{"id": "7", "pay": 9}\n{"text": "one"}\n')
    reason = (
        "no column for the text among 'id', 'pay'; usual names: description, text, "
        "body, jobdescription; or say which with --text-field"
    )
    assert read(path) == [
        Failure(f"{path}:1", reason),
        Posting(f"{path}:2", "one", "", f"{path}:2"),
    ]


@pytest.mark.parametrize("name", ["ads.csv", "ads.tsv"])
@pytest.mark.parametrize("content", ["", "\ufeff"])
def test_an_empty_table_is_refused(save: Save, name: str, content: str) -> None:
    path = save(name, content)
    assert refusal(path) == f"{path}: is empty; the first line names the columns"


def test_a_table_of_nothing_but_its_header_holds_no_postings(save: Save) -> None:
    assert read(save("ads.csv", "id,text\n")) == []


# --- titles of plain text ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Beekeeper\n\nYou keep bees.", "Beekeeper"),
        ("\n\n  Beekeeper  \nYou keep bees.", "Beekeeper"),
        ("# Beekeeper\nYou keep bees.", "Beekeeper"),
        ("### Beekeeper\r\nYou keep bees.", "Beekeeper"),
        ("Title: Beekeeper\nYou keep bees.", "Beekeeper"),
        ("Job title: Beekeeper\nYou keep bees.", "Beekeeper"),
        ("You keep bees.\nAnd hornets.", ""),
        ("We offer:\n- honey", ""),
        ("Beekeeper", ""),
        ("b" * 101 + "\nYou keep bees.", ""),
        ("b" * 100 + "\nYou keep bees.", "b" * 100),
        ("#\nYou keep bees.", ""),
        ("", ""),
        ("\n \n", ""),
    ],
)
def test_a_short_first_line_that_is_no_sentence_is_the_title(text: str, title: str) -> None:
    assert find_title(text) == title


def test_the_title_line_stays_in_the_text_so_that_offsets_count_from_the_start(save: Save) -> None:
    text = "# Beekeeper\r\n\r\nYou write Python.\r\n"
    path = save("ad.md", text)
    assert read(path) == [Posting(str(path), text, "Beekeeper", str(path))]


# --- offsets -------------------------------------------------------------------------------------

CELL = '  "Python",\r\nSQL\u00a0and\tR; naïve – 日本 \U0001f41d ; 100 % '


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "json"])
def test_a_cell_is_read_to_the_character(save: Save, kind: str) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter="\t" if kind == "tsv" else ",")
    writer.writerows([("id", "text"), ("7", CELL)])
    row = json.dumps({"id": "7", "text": CELL})
    path = save(f"ads.{kind}", row if kind.startswith("json") else stream.getvalue())
    (posting,) = read(path)
    assert isinstance(posting, Posting)
    assert posting.text == CELL


def test_offsets_count_within_the_cell(save: Save, analyzer: Any) -> None:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([("id", "text"), ("7", CELL)])
    (posting,) = read(save("ads.csv", stream.getvalue()))
    assert isinstance(posting, Posting)
    (result,) = analyzer.stream([posting])
    found = {m.text: CELL[m.start : m.end] for s in result.skills for m in s.mentions}
    assert found["Python"] == "Python"
    assert found["SQL"] == "SQL"


# --- HTML ----------------------------------------------------------------------------------------


def page(*blocks: object, body: str = "<h1>Cook</h1><p>Seen by people.</p>") -> str:
    scripts = "".join(
        f'<script type="application/ld+json">{b if isinstance(b, str) else json.dumps(b)}</script>'
        for b in blocks
    )
    return f"<html><head><title>Site</title>{scripts}</head><body>{body}</body></html>"


def test_a_job_posting_in_json_ld_comes_before_the_page(save: Save) -> None:
    job = {**JOB_LD, "description": "<p>You keep bees:</p><ul><li>SQL</li><li>R &amp; D</li></ul>"}
    job["identifier"] = {"@type": "PropertyValue", "value": "b-7"}
    path = save("ad.html", page(job))
    text = "You keep bees:\n• SQL\n• R & D"
    assert read(path) == [Posting("b-7", text, "Beekeeper", str(path))]


@pytest.mark.parametrize(
    ("extra", "row_id"),
    [
        ({"identifier": "b-7"}, "b-7"),
        ({"identifier": 7}, "7"),
        ({"url": "https://example.org/7"}, "https://example.org/7"),
        ({"identifier": {"value": "b-7"}, "url": "https://example.org/7"}, "b-7"),
    ],
)
def test_the_id_is_the_postings_identifier_or_address(
    save: Save, extra: dict[str, object], row_id: str
) -> None:
    (posting,) = read(save("ad.html", page({**JOB_LD, "description": "Bees.", **extra})))
    assert posting.id == row_id


@pytest.mark.parametrize(
    "block",
    [
        [{**JOB_LD, "description": "Bees."}],
        {"@graph": [{"@type": "WebPage"}, {**JOB_LD, "description": "Bees."}]},
        {**JOB_LD, "@type": ["Thing", "JobPosting"], "description": "Bees."},
    ],
)
def test_a_job_posting_is_found_wherever_json_ld_holds_it(save: Save, block: object) -> None:
    (posting,) = read(save("ad.html", page({"@type": "Organization"}, block)))
    assert isinstance(posting, Posting)
    assert (posting.title, posting.text) == ("Beekeeper", "Bees.")


def test_several_job_postings_of_a_page_are_numbered(save: Save) -> None:
    one, other = {**JOB_LD, "description": "Bees."}, {**JOB_LD, "description": "Wasps."}
    path = save("ad.html", page(one, other))
    assert [(p.source, p.text) for p in read(path) if isinstance(p, Posting)] == [
        (f"{path}:1", "Bees."),
        (f"{path}:2", "Wasps."),
    ]


@pytest.mark.parametrize(
    "block",
    [
        "{broken",
        "[" * 100_000,
        {"@type": "Organization", "description": "A firm."},
        {**JOB_LD, "description": ""},
        JOB_LD,
        "null",
    ],
)
def test_without_a_job_posting_the_visible_text_is_read(save: Save, block: object) -> None:
    (posting,) = read(save("ad.html", page(block)))
    assert isinstance(posting, Posting)
    assert (posting.title, posting.text) == ("Cook", "Cook\nSeen by people.")


def test_line_feeds_inside_json_ld_strings_are_allowed(save: Save) -> None:
    block = '{"@type": "JobPosting", "description": "One\nTwo"}'
    (posting,) = read(save("ad.html", page(block)))
    assert isinstance(posting, Posting)
    assert posting.text == "One\nTwo"


def test_a_lone_surrogate_in_json_ld_is_read(save: Save) -> None:
    block = {**JOB_LD, "title": "Bee\ud800keeper", "description": "<p>Python \ud800 SQL</p>"}
    (posting,) = read(save("ad.html", page(block)))
    assert isinstance(posting, Posting)
    assert posting.text.startswith("Python ")
    assert posting.text.endswith(" SQL")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("One<br><br>Two<br> <br><br>Three", "One\n\nTwo\n\nThree"),
        ("<div><div><p>One</p></div></div>\n\n<div>Two</div>", "One\nTwo"),
        ("<ul><li>SQL</li><li><p>R</p></li></ul>", "• SQL\n• R"),
        ("<div>One <b>bold</b>\n   word</div>", "One bold word"),
        ("<h2>Need</h2>SQL<h2>Offer</h2>Honey", "Need\nSQL\nOffer\nHoney"),
        ("<table><tr><td>SQL</td><td>R</td></tr></table>", "SQL\nR"),
        ("R&amp;D, C&#43;&#43; &lt;3&nbsp;years", "R&D, C++ <3 years"),
        ("&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two&lt;/p&gt;", "One\nTwo"),
        ("C++ and C#, 100 % remote", "C++ and C#, 100 % remote"),
        ("<!-- hidden -->seen", "seen"),
        ("<p>unclosed <b>tags", "unclosed tags"),
        ("", ""),
    ],
)
def test_html_becomes_lines(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


def test_what_is_not_to_be_seen_is_no_text(save: Save) -> None:
    hidden = "".join(
        f"<{tag}>never</{tag}>"
        for tag in "script style noscript template svg nav footer form button select".split()
    )
    (posting,) = read(save("ad.html", f"<body>{hidden}<p>Bees.</p></body>"))
    assert isinstance(posting, Posting)
    assert posting.text == "Bees."


def test_preformatted_text_keeps_its_lines(save: Save) -> None:
    (posting,) = read(save("ad.html", "<pre>Need:\n- SQL\n- R</pre>"))
    assert isinstance(posting, Posting)
    assert posting.text == "Need:\n- SQL\n- R"


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("<title>Jobs</title><h1> Bee <b>keeper</b> </h1><p>x", "Bee keeper"),
        ("<title>Jobs</title><h1></h1><p>x", "Jobs"),
        ("<p>x", ""),
    ],
)
def test_a_pages_title_is_its_first_heading(save: Save, markup: str, title: str) -> None:
    (posting,) = read(save("ad.html", markup))
    assert isinstance(posting, Posting)
    assert posting.title == title


def test_a_page_without_text_is_a_failure(save: Save) -> None:
    path = save("ad.html", "<html><script>x()</script></html>")
    assert read(path) == [Failure(str(path), NO_TEXT)]


def test_elements_nested_deep_are_read(save: Save) -> None:
    (posting,) = read(save("ad.html", "<div>" * 1_000 + "Bees." + "</div>" * 1_000))
    assert isinstance(posting, Posting)
    assert posting.text == "Bees."


@pytest.mark.parametrize("tag", ["div", "b", "table", "ul", "p", "kite"])
def test_elements_nested_past_all_measure_are_told_or_read(save: Save, tag: str) -> None:
    """The parser's own recursion ends the whole process at some 100,000 levels."""
    path = save("ad.html", f"<{tag}>" * 300_000 + "Bees.")
    (found,) = read(path)
    if isinstance(found, Failure):
        assert found == Failure(str(path), "tags lie more than 2,000 deep; no page does")
    else:
        assert found.text == "Bees."


@pytest.mark.parametrize(
    "markup",
    [
        "<div></b>" * 60_000 + "Bees.",
        page({**JOB_LD, "description": "&lt;div&gt;" * 60_000 + "Bees."}),
        page({**JOB_LD, "description": "<div>" * 60_000 + "Bees."}).replace("<div", "\\u003cdiv"),
    ],
    ids=["closed by other tags", "escaped twice", "escaped as JSON"],
)
def test_no_page_keeps_the_parser_busy(save: Save, markup: str) -> None:
    """Its time grows with the square of the depth: 200,000 open tags took minutes."""
    begin = time.perf_counter()
    assert len(read(save("ad.html", markup))) == 1
    assert time.perf_counter() - begin < 3


# --- broken rows and files -----------------------------------------------------------------------


def test_a_broken_line_is_a_failure_and_the_rest_goes_on(save: Save) -> None:
    lines = (
        b'{"id": "1", "text": "one"}',
        b"nonsense",
        b"[1, 2]",
        b'"text"',
        b'{"id": "5", "text": " "}',
        b'{"id": "6", "text": null}',
        '{"text": "café"}'.encode("latin-1"),
        b"[" * 100_000,
        b'{"id": "9", "text": "nine"}',
    )
    path = save("ads.jsonl", b"\n".join(lines))
    found = read(path)
    deep = found.pop(7)
    assert found == [
        Posting("1", "one", "", f"{path}:1"),
        Failure(f"{path}:2", NOT_JSON),
        Failure(f"{path}:3", "is no JSON object but list"),
        Failure(f"{path}:4", "is no JSON object but str"),
        Failure(f"{path}:5", NO_TEXT, "5"),
        Failure(f"{path}:6", NO_TEXT, "6"),
        Failure(f"{path}:7", NOT_UTF8),
        Posting("9", "nine", "", f"{path}:9"),
    ]
    assert isinstance(deep, Failure)
    assert deep.source == f"{path}:8"
    assert deep.reason.startswith("is not JSON: ")


def test_a_broken_row_of_a_table_is_a_failure_and_the_rest_goes_on(save: Save) -> None:
    rows = b"id,text\n1,one\n2,caf\xe9\n3,\n4\n5,five\n"
    path = save("ads.csv", rows)
    assert read(path) == [
        Posting("1", "one", "", f"{path}:2"),
        Failure(f"{path}:3", "is not UTF-8; save the table as UTF-8", "2"),
        Failure(f"{path}:4", NO_TEXT, "3"),
        Failure(f"{path}:5", NO_TEXT, "4"),
        Posting("5", "five", "", f"{path}:6"),
    ]


def test_a_row_is_named_by_the_line_on_which_it_begins(save: Save) -> None:
    path = save("ads.csv", 'id,text\n1,"one\nand\nmore"\n2,two\n\n\n3,three\n')
    assert [one.source for one in read(path)] == [f"{path}:2", f"{path}:5", f"{path}:8"]


def test_more_cells_than_columns_do_no_harm(save: Save) -> None:
    path = save("ads.csv", "id,text\n1,one,extra,cells\n")
    assert read(path) == [Posting("1", "one", "", f"{path}:2")]


def test_a_quote_that_is_never_closed_loses_no_error(save: Save) -> None:
    path = save("ads.csv", 'id,text\n1,"one\n2,two\n')
    assert read(path) == [Posting("1", "one\n2,two\n", "", f"{path}:2")]


def test_a_text_longer_than_any_advert_is_a_failure(save: Save) -> None:
    path = save("ad.txt", "a" * (MAX_TEXT + 1))
    reason = "10,000,001 characters; one posting may have 10,000,000"
    assert read(path) == [Failure(str(path), reason)]


def test_a_cell_longer_than_the_csv_modules_own_limit_is_read(save: Save) -> None:
    (posting,) = read(save("ads.csv", "text\n" + "a" * 200_000 + "\n"))
    assert isinstance(posting, Posting)
    assert posting.text == "a" * 200_000


@pytest.mark.parametrize("name", ["ad.txt", "ad.md", "ad.html"])
def test_a_file_in_another_encoding_is_a_failure(save: Save, name: str) -> None:
    path = save(name, "Café\n\nBees.".encode("latin-1"))
    assert read(path) == [Failure(str(path), NOT_UTF8)]


def test_json_in_another_encoding_is_refused_whole(save: Save) -> None:
    path = save("ad.json", '{"text": "café"}'.encode("latin-1"))
    assert refusal(path) == f"{path}: {NOT_UTF8}"


@pytest.mark.parametrize("content", ["nonsense", "", " "])
def test_json_that_is_none_is_refused_whole(save: Save, content: str) -> None:
    path = save("ads.json", content)
    expected = f"line 1 column {len(content) + 1 if content.isspace() else 1} (char "
    assert refusal(path).startswith(f"{path}: is not JSON: Expecting value: {expected}")


def test_json_nested_too_deep_is_refused(save: Save) -> None:
    path = save("ads.json", "[" * 100_000)
    assert refusal(path).startswith(f"{path}: is not JSON: ")


def test_an_item_of_a_json_list_that_is_no_object_is_a_failure(save: Save) -> None:
    path = save("ads.json", '[{"text": "one"}, 5]')
    assert read(path) == [
        Posting(f"{path}:1", "one", "", f"{path}:1"),
        Failure(f"{path}:2", "is no JSON object but int"),
    ]


@pytest.mark.parametrize("name", ["ad.txt", "ad.md"])
@pytest.mark.parametrize("content", ["", " \n\t\n"])
def test_an_empty_text_is_a_failure(save: Save, name: str, content: str) -> None:
    path = save(name, content)
    assert read(path) == [Failure(str(path), NO_TEXT)]


@pytest.mark.parametrize("name", ["ad.txt", "ads.jsonl", "ad.json"])
def test_nul_bytes_are_kept(save: Save, name: str) -> None:
    text = "Bees\x00 and Python"
    path = save(name, text if name == "ad.txt" else json.dumps({"text": text}))
    (posting,) = read(path)
    assert isinstance(posting, Posting)
    assert posting.text == text


def test_nul_bytes_in_html_are_read(save: Save) -> None:
    (posting,) = read(save("ad.html", b"<p>Bees\x00 and Python</p>"))
    assert isinstance(posting, Posting)
    assert posting.text.endswith(" and Python")


def test_nul_bytes_in_a_table_spoil_at_most_their_row(save: Save) -> None:
    path = save("ads.csv", b"id,text\n1,one\x00\n2,two\n")
    first, second = read(path)
    if sys.version_info >= (3, 11):
        assert first == Posting("1", "one\x00", "", f"{path}:2")
    else:
        assert first == Failure(f"{path}:2", "is no row of a table: line contains NUL")
    assert second == Posting("2", "two", "", f"{path}:3")


@pytest.mark.parametrize("name", ["ads.csv", "ads.tsv"])
def test_utf16_cut_off_within_a_character_is_refused(save: Save, name: str) -> None:
    path = save(name, "\ufefftext\nbees\n".encode("utf-16-le")[:-1])
    codec = "'utf-16-le' codec can't decode byte 0x0a in position 0: truncated data"
    assert refusal(path) == f"{path}:2: is cut off or in another encoding: {codec}"


CUT_OFF = "Compressed file ended before the end-of-stream marker was reached"
GZIPPED = gzip.compress(b'{"text": "one"}\n' * 50, mtime=0)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("ads.jsonl.gz", GZIPPED[:-12], CUT_OFF),
        ("ads.jsonl.gz", b"nonsense", "Not a gzipped file (b'no')"),
        (
            "ads.jsonl.gz",
            GZIPPED[:10] + b"\xff" * 30,
            "Error -3 while decompressing data: invalid block type",
        ),
        ("ads.jsonl.xz", lzma.compress(b'{"text": "one"}\n')[:-12], CUT_OFF),
        ("ads.jsonl.xz", b"nonsense", "Input format not supported by decoder"),
    ],
    ids=["gz cut off", "gz never packed", "gz garbled", "xz cut off", "xz never packed"],
)
def test_a_damaged_packed_file_is_refused(
    save: Save, name: str, content: bytes, reason: str
) -> None:
    path = save(name, content)
    assert refusal(path) == f"{path}: is damaged: {reason}"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.csv"
    assert refusal(path) == f"{path}: no such file or folder"


def test_a_missing_file_is_refused_before_anything_is_read(save: Save, tmp_path: Path) -> None:
    missing = tmp_path / "nowhere.csv"
    postings = read_postings([save("ad.txt", "bees"), missing])
    with pytest.raises(FormatError) as caught:
        next(postings)
    assert str(caught.value) == f"{missing}: no such file or folder"


@pytest.mark.parametrize(
    ("name", "suffix"),
    [("ad.docx", ".docx"), ("ad", ""), ("ad.gz", ".gz"), ("ads.docx.gz", ".docx")],
)
def test_a_file_of_an_unknown_kind_is_refused(save: Save, name: str, suffix: str) -> None:
    path = save(name, "bees")
    assert refusal(path) == f"{path}: no reader for {suffix!r}; known: {KNOWN}"


def test_a_folder_without_postings_is_refused(save: Save, tmp_path: Path) -> None:
    save("ads/notes.docx", "nothing")
    folder = tmp_path / "ads"
    assert refusal(folder) == f"{folder}: no postings in this folder; known: {KNOWN}"


def test_a_file_that_may_not_be_read_is_refused(save: Save, monkeypatch: Any) -> None:
    path = save("ad.txt", "bees")

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    assert refusal(path) == f"{path}: cannot be read: Permission denied"


# --- standard input ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b'{"id": "7", "text": "one"}\n{"text": "two"}\n', ["one", "two"]),
        (b' \n{"id": "7", "text": "one"}\n', ["one"]),
        (b'[{"text": "one"}, {"text": "two"}]', ["one", "two"]),
        (b'{\n  "title": "Beekeeper",\n  "text": "one"\n}\n', ["one"]),
        (b'\xef\xbb\xbf{"text": "one"}\n', ["one"]),
        (b"Beekeeper\n\nBees.", ["Beekeeper\n\nBees."]),
    ],
    ids=["lines", "blank line first", "list", "one object over lines", "byte order mark", "text"],
)
@pytest.mark.parametrize("has_peek", [True, False], ids=["pipe", "bytes"])
def test_standard_input_is_read_by_how_it_begins(
    monkeypatch: pytest.MonkeyPatch, content: bytes, found: list[str], has_peek: bool
) -> None:
    raw = io.BytesIO(content)
    stream = io.TextIOWrapper(io.BufferedReader(raw) if has_peek else raw, encoding="utf-8")  # type: ignore[arg-type]
    monkeypatch.setattr("sys.stdin", stream)
    postings = list(read_postings(["-"]))
    assert [one.text for one in postings if isinstance(one, Posting)] == found


def test_lines_of_standard_input_have_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BufferedReader(io.BytesIO(b'{"text": "one"}\nnonsense\n'))  # type: ignore[arg-type]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(raw, encoding="utf-8"))
    found = list(read_postings(["-"]))
    assert found == [Posting("-:1", "one", "", "-:1"), Failure("-:2", NOT_JSON)]


# --- writers -------------------------------------------------------------------------------------

SCORES = (("data-scientist", 0.75), ("other", 0.25))
ROLE = Role(
    "data-scientist",
    "Data Scientist",
    0.75,
    SCORES,
    (Evidence("churn", 4, 9, "description", 1.5),),
)
SKILLS = (
    Skill(
        "python",
        "Python",
        "tool",
        (SkillMention(0, 6, "Python", "title"),),
        category="programming-language",
        need="required",
        years=Years(3.0),
        level="expert",
    ),
    Skill(
        "seq2seq",
        "SEQ2SEQ",
        "technique",
        (
            SkillMention(3, 10, "SEQ2SEQ", is_negated=True),
            SkillMention(19, 26, "seq2seq"),
        ),
        category="discovered",
        source="discovered",
        confidence=0.5,
    ),
)
WHOLE = Result("7", "ads.csv:2", "Data Scientist, Python", "en", ROLE, SKILLS)
BARE = Result("8", "ads.csv:3", "", None)
FAILED = Failure("ads.csv:4", NO_TEXT, "9")
NAMELESS = Failure("ads.jsonl:5", NOT_JSON)
HOSTILE = Result("\udcff", "ads\udcff.csv:6", "A \ud800 \x1b[31mred\u202e", "de", ROLE, SKILLS)
ALL = (WHOLE, BARE, FAILED, NAMELESS, HOSTILE)


def written(form: str, outcomes: Iterable[Result | Failure]) -> str:
    """What a writer writes, as a file in UTF-8 would hold it."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="utf-8", newline="", write_through=True)
    WRITERS[form](outcomes, stream)
    return raw.getvalue().decode("utf-8")


def read_back(form: str, text: str) -> list[Any]:
    if form == "json":
        return json.loads(text)
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.split("\n")[:-1]]


def test_a_result_is_written_as_the_object_promised() -> None:
    assert read_back("jsonl", written("jsonl", [WHOLE])) == [
        {
            "id": "7",
            "source": "ads.csv:2",
            "title": "Data Scientist, Python",
            "language": "en",
            "role": {
                "id": "data-scientist",
                "name": "Data Scientist",
                "confidence": 0.75,
                "abstained": False,
                "scores": {"data-scientist": 0.75, "other": 0.25},
                "evidence": [
                    {
                        "text": "churn",
                        "start": 4,
                        "end": 9,
                        "field": "description",
                        "weight": 1.5,
                        "margin": 0.0,
                    }
                ],
            },
            "skills": [
                {
                    "id": "python",
                    "name": "Python",
                    "kind": "tool",
                    "category": "programming-language",
                    "need": "required",
                    "source": "vocabulary",
                    "years": {"min": 3.0, "max": None},
                    "level": "expert",
                    "mentions": [
                        {
                            "start": 0,
                            "end": 6,
                            "text": "Python",
                            "field": "title",
                            "need": "unspecified",
                        }
                    ],
                },
                {
                    "id": "seq2seq",
                    "name": "SEQ2SEQ",
                    "kind": "technique",
                    "category": "discovered",
                    "need": "unspecified",
                    "source": "discovered",
                    "confidence": 0.5,
                    "mentions": [
                        {
                            "start": 3,
                            "end": 10,
                            "text": "SEQ2SEQ",
                            "field": "description",
                            "need": "unspecified",
                            "negated": True,
                        },
                        {
                            "start": 19,
                            "end": 26,
                            "text": "seq2seq",
                            "field": "description",
                            "need": "unspecified",
                        },
                    ],
                },
            ],
            "fields": {},
        }
    ]


def test_a_failure_is_written_in_its_place() -> None:
    assert read_back("jsonl", written("jsonl", [FAILED, NAMELESS])) == [
        {"id": "9", "source": "ads.csv:4", "failure": NO_TEXT},
        {"id": None, "source": "ads.jsonl:5", "failure": NOT_JSON},
    ]


@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_every_object_written_fits_the_schema(form: str, valid: Draft202012Validator) -> None:
    objects = read_back(form, written(form, ALL))
    assert [valid.is_valid(one) for one in objects] == [True] * len(ALL)


@pytest.mark.parametrize(
    "broken",
    [
        {**WHOLE.to_dict(), "extra": 1},
        {**WHOLE.to_dict(), "skills": [{"id": "python"}]},
        {key: value for key, value in WHOLE.to_dict().items() if key != "fields"},
        {**FAILED.to_dict(), "failure": ""},
        {},
    ],
)
def test_the_schema_refuses_what_is_no_output(
    broken: dict[str, Any], valid: Draft202012Validator
) -> None:
    assert not valid.is_valid(broken)


@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_what_is_read_back_is_what_was_written(form: str) -> None:
    assert read_back(form, written(form, ALL)) == [one.to_dict() for one in ALL]


# Two surrogates that make a pair are one character in JSON, and no reader of ours yields them.
texts = st.text(st.characters(codec=None, exclude_characters=map(chr, range(0xDC00, 0xE000))))
mentions = st.builds(SkillMention, st.integers(0, 9), st.integers(10, 99), texts.filter(bool))
outcomes = st.one_of(
    st.builds(Failure, texts, texts.filter(bool), st.none() | texts),
    st.builds(
        Result,
        texts,
        texts,
        texts,
        st.sampled_from([None, "en", "gug"]),
        st.sampled_from([None, ROLE]),
        st.lists(
            st.builds(
                Skill,
                st.just("a-b"),
                texts,
                st.sampled_from(["tool", "soft"]),
                st.lists(mentions, min_size=1, max_size=3).map(tuple),
            ),
            max_size=2,
        ).map(tuple),
    ),
)


@pytest.mark.parametrize("form", ["jsonl", "json"])
@given(found=st.lists(outcomes, max_size=4))
def test_any_outcome_is_read_back_as_it_was_written(
    form: str, found: list[Result | Failure]
) -> None:
    assert read_back(form, written(form, found)) == [one.to_dict() for one in found]


@pytest.mark.parametrize(("form", "text"), [("jsonl", ""), ("json", "[\n]\n")])
def test_no_outcomes_are_valid_output(form: str, text: str) -> None:
    assert written(form, []) == text


@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_letters_are_written_as_themselves(form: str) -> None:
    assert "Größe 日本" in written(form, [Result("1", "", "Größe 日本", "de")])


def test_csv_has_these_columns() -> None:
    rows = list(csv.reader(io.StringIO(written("csv", [WHOLE, BARE, FAILED]), newline="")))
    assert rows == [
        ["id", "source", "title", "language", "role", "confidence", "doubt", "skills", "failure"],
        [
            "7",
            "ads.csv:2",
            "Data Scientist, Python",
            "en",
            "data-scientist",
            "0.7500",
            "",
            "Python; SEQ2SEQ",
            "",
        ],
        ["8", "ads.csv:3", "", "", "", "", "", "", ""],
        ["9", "ads.csv:4", "", "", "", "", "", "", NO_TEXT],
    ]


def test_csv_has_its_header_without_any_row() -> None:
    header = "id,source,title,language,role,confidence,doubt,skills,failure\n"
    assert written("csv", []) == header


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_csv_cell_never_runs_as_a_formula(start: str) -> None:
    cell = f'{start}HYPERLINK("http://example.org")'
    outcomes = [Result(cell, cell, cell, "en"), Failure(cell, cell, cell)]
    rows = list(csv.reader(io.StringIO(written("csv", outcomes), newline="")))[1:]
    assert {value for row in rows for value in row if "HYPER" in value} == {"'" + cell}


def test_csv_takes_a_title_of_several_lines() -> None:
    text = written("csv", [Result("1", "", 'a\n"b", c', None)])
    assert list(csv.reader(io.StringIO(text, newline="")))[1][2] == 'a\n"b", c'


@pytest.mark.parametrize("form", sorted(WRITERS))
def test_every_writer_writes_lone_surrogates(form: str) -> None:
    assert "7" in written(form, ALL)


@pytest.mark.parametrize("form", sorted(WRITERS))
def test_every_writer_writes_outcomes_of_all_kinds(form: str) -> None:
    text = written(form, ALL)
    assert text.endswith("\n")
    assert len(text.splitlines()) >= len(ALL)


def table(*found: Result | Failure, monkeypatch: pytest.MonkeyPatch) -> str:
    """The table on wide paper, its lines and the runs of spaces made one."""
    monkeypatch.setenv("COLUMNS", "200")
    return " ".join(written("table", found).split())


def test_the_table_shows_title_role_confidence_and_skills(monkeypatch: pytest.MonkeyPatch) -> None:
    text = table(WHOLE, monkeypatch=monkeypatch)
    assert "│ Data Scientist, Python │ Data Scientist │ 75% │ Python, SEQ2SEQ │" in text


def test_the_table_shows_failures_with_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"│ ads.csv:4 │ not read │ │ {NO_TEXT} │" in table(FAILED, monkeypatch=monkeypatch)


def test_the_table_counts_the_skills_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    many = tuple(Skill(f"s-{n}", f"S{n}", "tool", (SkillMention(0, 2, "S0"),)) for n in range(10))
    text = table(Result("1", "x", "Title", "en", ROLE, many), monkeypatch=monkeypatch)
    assert "S0, S1, S2, S3, S4, S5, S6, S7 and 2 more" in text


def test_the_table_calls_a_posting_without_title_by_its_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "│ 8 │" in table(BARE, monkeypatch=monkeypatch)


def test_the_table_cannot_be_steered_by_a_posting(monkeypatch: pytest.MonkeyPatch) -> None:
    text = table(HOSTILE, monkeypatch=monkeypatch)
    assert "[31mred" in text  # rich markup and escape codes are plain characters
    assert not set(text) & set("\x1b\u202e\ud800")
    marked = Result("1", "", "[bold]Cook[/bold] :bee:", None)
    assert "[bold]Cook[/bold] :bee:" in table(marked, monkeypatch=monkeypatch)
