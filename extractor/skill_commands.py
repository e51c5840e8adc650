"""The commands under `extractor skills`: the vocabulary and the tagger."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.group()
def skills() -> None:
    """Look into the vocabulary, let it grow, check one of your own, train the skill tagger."""


@skills.command()
@click.argument("word")
def search(word: str) -> None:
    """Skills of which a name holds WORD."""
    from extractor.vocabulary import load_vocabulary, search_skills

    for entry in search_skills(load_vocabulary(), word):
        click.echo(f"{entry.id}\t{entry.kind}\t{', '.join(entry.names)}")


@skills.command()
@click.argument("skill_id", metavar="ID")
def show(skill_id: str) -> None:
    """The vocabulary line of the skill ID."""
    from extractor.vocabulary import load_vocabulary, skill_line

    click.echo(skill_line(load_vocabulary(), skill_id))


@skills.command()
@click.argument("file", type=click.Path())
def check(file: str) -> None:
    """Validate a vocabulary file; the first fault is named with its line."""
    from extractor.vocabulary import load_vocabulary

    vocabulary = load_vocabulary(file)
    click.echo(f"{file}: good; {len(vocabulary.entries)} skills together with the bundled ones")


@skills.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--vocabulary", type=click.Path(), help="JSONL file that adds or replaces skills.")
@click.option(
    "--min-documents",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Postings that must hold it.",
)
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write to this file.")
def suggest(
    paths: tuple[str, ...], vocabulary: str | None, min_documents: int, output: str | None
) -> None:
    """Skills in the postings of PATHs that the vocabulary lacks, as lines to edit into one."""
    from extractor.analyzer import Analyzer
    from extractor.formats import read_postings
    from extractor.formats.sinks import sink
    from extractor.records import Posting
    from extractor.suggest import suggest_skills

    analyzer = Analyzer.load(vocabulary=vocabulary, parts=("skills",))
    sound = (one for one in read_postings(paths) if isinstance(one, Posting))
    lines = suggest_skills(sound, analyzer, min_documents=min_documents)
    with sink(output) as stream:
        stream.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


@skills.command("train")
@click.argument("data", nargs=-1, required=True, metavar="DATA...")
@click.option("-o", "--output", required=True, type=click.Path(), help="Model folder to write.")
@click.option("--corpus", multiple=True, type=click.Path(), help="File with texts, marked or not.")
@click.option("--without", multiple=True, type=click.Path(), help="Postings to learn nothing from.")
@click.option(
    "--folds", type=click.IntRange(2), default=5, show_default=True, help="Parts of the evaluation."
)
@click.option(
    "--min-employers",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="Employers that must use a word.",
)
def train_tagger(
    data: tuple[str, ...],
    output: str,
    corpus: tuple[str, ...],
    without: tuple[str, ...],
    folds: int,
    min_employers: int,
) -> None:
    """Fit a skill tagger on postings with marked skills, evaluate it and write its folder.

    A row of DATA holds its text, or names a posting of the --corpus by id; `mentions` are objects
    with start, end and kind.
    """
    from extractor.skill_training import train_tagger_from_files

    trained = train_tagger_from_files(
        data,
        Path(output),
        corpus=corpus,
        without=without,
        folds=folds,
        min_employers=min_employers,
        report=lambda line: click.echo(line, err=True),
    )
    click.echo(trained.summary)
