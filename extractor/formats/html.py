"""HTML: a schema.org JobPosting where the page holds one, else the visible text by lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractor.formats.plain import decode
from extractor.formats.rows import Columns, Row
from extractor.records import Failure

_UNSEEN = "script, style, noscript, template, svg, head, nav, footer, iframe, form, button, select"
_BLOCKS = frozenset(
    "address article aside blockquote body dd details div dl dt fieldset figure h1 h2 h3 h4 h5 h6 "
    "header hr li main ol p pre section summary table tbody td th thead tr ul".split()
)
# Tags without children, or whose end may be left out.
_CHILDLESS = frozenset(
    "area base br col dd dt embed hr img input li link meta option p param rb rp rt source td th "
    "tr track wbr".split()
)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,15})")
_MAX_DEPTH = 2_000
_SPACES = re.compile(r"[ \t\r\f\u00a0]+")
_BR = "\x0b"  # a <br>, until it is known whether another one follows: then it is an empty line
_EMPTY_LINES = re.compile(rf"\s*{_BR}\s*{_BR}[\s{_BR}]*")
_BREAK = re.compile(rf"\s*{_BR}\s*")
_LINE_ENDS = re.compile(r"\n\s*\n*")


def read_html(stream: BinaryIO, source: str, columns: Columns) -> Iterator[Row | Failure]:
    """The postings of a page: each JobPosting in its JSON-LD, or the page as one posting."""
    text = decode(stream.read())
    if text is None:
        yield Failure(source, "is not UTF-8; save it as UTF-8")
        return
    if _depth(text) > _MAX_DEPTH:
        yield Failure(source, f"tags lie more than {_MAX_DEPTH:,} deep; no page does")
        return
    tree = LexborHTMLParser(text)
    found = list(_job_postings(tree))
    for number, job in enumerate(found, 1):
        place = source if len(found) == 1 else f"{source}:{number}"
        identifier = job.get("identifier")
        value = identifier.get("value") if isinstance(identifier, dict) else identifier
        row_id = str(value or job.get("url") or "")
        title = html_to_text(str(job.get("title") or ""))
        yield Row(row_id, title, html_to_text(str(job["description"])), place, job)
    if not found:
        yield Row("", _title(tree), _visible(tree), source)


def _depth(markup: str) -> int:
    """How deep the tags may lie at most. The parser's time grows with the square of it: 200,000
    open tags took minutes."""
    deepest = depth = 0
    opened: dict[str, int] = {}
    for closing, name in _TAG.findall(markup.lower()):
        if name in _CHILDLESS:
            continue
        if not closing:
            opened[name] = opened.get(name, 0) + 1
            depth += 1
            deepest = max(deepest, depth)
        elif opened.get(name):
            opened[name] -= 1
            depth -= 1
    return deepest


def html_to_text(markup: str) -> str:
    """The text of a piece of HTML with one line a block, list items marked with a bullet.

    >>> html_to_text("<p>We need:</p><ul><li>SQL</li><li>R &amp; Python</li></ul>")
    'We need:\\n• SQL\\n• R & Python'
    """
    if ("<" not in markup and "&" not in markup) or _depth(markup) > _MAX_DEPTH:
        return markup
    if "&lt;" in markup and "<" not in markup:  # JSON-LD is often escaped twice
        return html_to_text(LexborHTMLParser(markup).text())
    return _visible(LexborHTMLParser(markup))


def _job_postings(tree: LexborHTMLParser) -> Iterator[dict[str, Any]]:
    for script in tree.css('script[type="application/ld+json"]'):
        try:
            data = json.loads(script.text(), strict=False)
        except (ValueError, RecursionError):
            continue
        pending = [data]
        while pending:
            item = pending.pop(0)
            if isinstance(item, list):
                pending += item
            elif isinstance(item, dict):
                pending += item["@graph"] if isinstance(item.get("@graph"), list) else []
                kind = item.get("@type")
                kinds = kind if isinstance(kind, list) else [kind]
                if "JobPosting" in kinds and item.get("description"):
                    yield item


def _title(tree: LexborHTMLParser) -> str:
    for selector in ("h1", "title"):
        node = tree.css_first(selector)
        if node is not None and node.text(strip=True):
            return " ".join(node.text().split())
    return ""


def _visible(tree: LexborHTMLParser) -> str:
    for node in tree.css(_UNSEEN):
        node.decompose()
    root = tree.body or tree.root
    if root is None:
        return ""
    pieces: list[str] = []
    pending: list[LexborNode | str] = [root]
    while pending:  # no recursion, which a hostile page would exhaust
        item = pending.pop()
        if isinstance(item, str):
            pieces.append(item)
        else:
            _open_node(item, pieces, pending)
    lines = (_SPACES.sub(" ", line).strip() for line in "".join(pieces).split("\n"))
    text = _LINE_ENDS.sub("\n", "\n".join(lines))
    text = _EMPTY_LINES.sub("\n\n", text)
    text = _BREAK.sub("\n", text).strip()
    return re.sub(r"^• ?\n+", "• ", text, flags=re.MULTILINE)


def _open_node(node: LexborNode, pieces: list[str], pending: list[LexborNode | str]) -> None:
    """Add what stands before a node's children; its children and its end go onto `pending`."""
    if node.tag == "-text":
        text = node.text(deep=False)
        is_kept = node.parent is not None and node.parent.tag in ("pre", "textarea")
        pieces.append(text if is_kept else re.sub(r"\s+", " ", text))
        return
    if node.tag == "br":
        pieces.append(_BR)
    elif node.tag in _BLOCKS:
        pieces.append("\n• " if node.tag == "li" else "\n")
        pending.append("\n")
    children = list(node.iter(include_text=True))
    pending.extend(reversed(children))
