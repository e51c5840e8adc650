"""Outside codes against the taxonomies: `python -m tests.benchmarks.codes FOLDER`.

FOLDER holds the CSV files of ESCO's skills (a column conceptUri or concept_uri) and O*NET's
technology skills as a .tsv (Example, Commodity Code). Every code of the vocabulary must stand in
them; what does not is named, and the exit code is 1. Prints how many skills have a code, and of how
many a name stands in a taxonomy letter for letter.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from extractor.skill_lines import folded
from extractor.vocabulary import load_vocabulary


def rows(folder: Path, suffix: str) -> Iterator[dict[str, str]]:
    for path in sorted(folder.glob(f"*{suffix}")):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            yield from csv.DictReader(stream, delimiter="\t" if suffix == ".tsv" else ",")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    uris, labels = set(), set()
    for row in rows(options.folder, ".csv"):
        uris.add(row.get("conceptUri") or row["concept_uri"])
        labels.add(folded(row.get("preferredLabel") or row["preferred_label"]))
    codes = set()
    for row in rows(options.folder, ".tsv"):
        codes.add(row["Commodity Code"])
        labels.add(folded(row["Example"]))
    entries = [one for one in load_vocabulary().entries if one.replaced_by is None]
    wrong = [one.id for one in entries if one.esco and one.esco not in uris]
    wrong += [one.id for one in entries if one.onet and one.onet not in codes]
    coded = sum(bool(one.esco or one.onet) for one in entries)
    named = [one for one in entries if any(folded(name) in labels for name in one.names)]
    mapped = sum(bool(one.esco or one.onet) for one in named)
    print(f"{len(entries)} skills: ESCO on {sum(bool(one.esco) for one in entries)},", end=" ")
    print(f"O*NET on {sum(bool(one.onet) for one in entries)}, either on {coded}")
    print(f"{len(named)} have a name of a taxonomy, {mapped} of them its code")
    for skill_id in wrong:
        print(f"{skill_id}: its code stands in no taxonomy file", file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
