"""A page for people: how good a role model is, in tables and pictures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

Chart = dict[str, Any]  # as Vega-Lite wants it
_DATA = Path(__file__).parent / "data"
# vl-convert ends the whole process at a character that XML does not know, such as "\x00".
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Shortened here: Vega's own shortening cuts an emoji in two, and vl-convert then fails.
_LONGEST_LABEL = 36
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"  # vl-convert brings the first along
# Mid blue, see-through: with up to 0.72 of it over the page, the page's own text colour keeps a
# contrast of 4.5 and more in light and in dark.
_BLUE, _DEEPEST = "#3b82f6", 0.72
_TEXT = "currentColor"
_ID = re.compile(r'( id="|url\(#|href="#)([^")]+)')
_SPARE = re.compile(r' (?:role|aria-[a-z]+|font-family)="[^"]*"')


def evaluation_page(
    name: str,
    figures: Mapping[str, Any],
    *,
    names: Mapping[str, str],
    notes: Sequence[str] = (),
    comparison: Mapping[str, Any] | None = None,
) -> str:
    """The HTML page that says how good the model called `name` is; it loads nothing else.

    `figures` are those of `role_figures`, a part that is missing is left out; `names` maps role
    ids to what they are called, `notes` are paragraphs under the title. `comparison` holds
    `verdict` ("better", "worse" or "undecided"), `difference`, `low` and `high` (the candidate's
    accuracy less the current model's and its 95 % confidence interval, as shares) and the figures
    of both as `current` and `candidate`. Equal input gives equal bytes.

    >>> "Nothing was measured" in evaluation_page("mine", {"postings": 0}, names={})
    True
    """
    roles = _roles(figures)
    page = _template().render(
        name=name,
        figures=figures,
        labels=_labels(roles, names),
        notes=notes,
        comparison=comparison,
        matrix=_matrix(roles, figures),
        pictures=_pictures(roles, figures, names),
    )
    return _NO_XML.sub("\ufffd", page)


def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader

    engine = Environment(
        loader=FileSystemLoader(_DATA), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    engine.filters.update(percent=_percent, points=_points, count=_count, number=_number)
    return engine.get_template("evaluation.html.jinja")


def _percent(value: Any) -> str:
    return f"{100 * value:.1f}\u00a0%" if isinstance(value, int | float) else "–"


def _points(value: float) -> str:
    # Adding 0.0 makes a plus of the "-0.0" that rounding may leave.
    return f"{round(100 * value, 1) + 0.0:+.1f}".replace("-", "−")


def _count(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else "–"


def _number(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, int | float) else "–"


def _roles(figures: Mapping[str, Any]) -> tuple[str, ...]:
    """The role ids in the order of the table of roles, then those only met as an answer."""
    confusion = figures.get("confusion") or {}
    answered = sorted({role for row in confusion.values() for role in row})
    return tuple(dict.fromkeys((*(figures.get("per_role") or {}), *confusion, *answered)))


def _labels(roles: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    """What each role is called; a name that two roles share gets the id behind it."""
    called = {role: names.get(role) or role for role in roles}
    uses = Counter(called.values())
    return {
        role: label if uses[label] == 1 else f"{label} ({role})" for role, label in called.items()
    }


def _matrix(roles: Sequence[str], figures: Mapping[str, Any]) -> dict[str, list[int]]:
    """For each labelled role the postings for each answered role; empty without a confusion."""
    confusion = figures.get("confusion")
    if not confusion:
        return {}
    return {role: [confusion.get(role, {}).get(other, 0) for other in roles] for role in roles}


def _pictures(
    roles: Sequence[str], figures: Mapping[str, Any], names: Mapping[str, str]
) -> dict[str, Markup]:
    """The pictures that the figures allow, by what they show."""
    pictures = {}
    if matrix := _matrix(roles, figures):
        labels = [_short(label) for label in _labels(roles, names).values()]
        pictures["confusion"] = _vector(
            _confusion_chart(labels, list(matrix.values())),
            "confusion",
            f"Confusion matrix of {len(roles)} roles: a row for each labelled role, a column for "
            "each answered role. The table after it holds the same numbers.",
        )
    if bins := figures.get("reliability"):
        pictures["reliability"] = _vector(
            _reliability_chart(bins),
            "reliability",
            f"Accuracy against mean confidence in {len(bins)} bins, with a diagonal where both "
            "are equal. The table after it holds the same numbers.",
        )
    return pictures


def _short(label: str) -> str:
    plain = _NO_XML.sub("\ufffd", " ".join(label.split()))
    if len(plain) <= _LONGEST_LABEL:
        return plain
    # Long names often differ at their end, so both ends stay.
    return f"{plain[: _LONGEST_LABEL - 13]}…{plain[-12:]}"


def _confusion_chart(labels: Sequence[str], matrix: Sequence[Sequence[int]]) -> Chart:
    """Squares shaded by their share of the row, with their counts."""
    shade = {"domain": [0, 1], "range": [0, _DEEPEST]}
    is_right = "datum.row == datum.column"
    squares = {
        "mark": {"type": "rect", "fill": _BLUE, "stroke": _TEXT},
        "encoding": {
            "fillOpacity": {**_quantity("share"), "scale": shade, "legend": None},
            "strokeOpacity": {"condition": {"test": is_right, "value": 1}, "value": 0.15},
        },
    }
    counts = {
        "mark": {"type": "text", "fill": _TEXT},
        "encoding": {
            "text": {**_quantity("postings"), "format": ","},
            "opacity": {"condition": {"test": "datum.postings > 0", "value": 1}, "value": 0.65},
        },
    }
    widest = max(len(f"{count:,}") for row in matrix for count in row)
    step = max(26, 7 * widest + 6, min(64, 560 // len(labels)))
    return {
        **_confusion_fields(labels, matrix),
        "layer": [squares, counts],
        "width": {"step": step},
        "height": {"step": min(step, 34)},
        "params": [{"name": "labels", "value": list(labels)}],
    }


def _confusion_fields(labels: Sequence[str], matrix: Sequence[Sequence[int]]) -> Chart:
    """The fields of the matrix with both axes.

    Roles stand in the axes by number and are named by a parameter: text of users is never part of
    an expression, and two roles whose shortened labels are equal stay two.
    """
    cells = [
        {"row": i, "column": j, "postings": count, "share": count / (sum(row) or 1)}
        for i, row in enumerate(matrix)
        for j, count in enumerate(row)
    ]
    axis = {"labelExpr": "labels[datum.value]", "ticks": False, "domain": False, "labelPadding": 5}
    turned = {"labelAngle": -45, "labelAlign": "right", "labelBaseline": "middle"}
    # A reader without any of the fonts sees labels up to a fifth wider than they were measured.
    room = 1.4 * max(map(len, labels))
    below = {**axis, **turned, "titlePadding": 6 + room / 2}
    beside = {**axis, "titlePadding": 10 + room}
    column = {"field": "column", "type": "ordinal", "title": "Answered role", "axis": below}
    row = {"field": "row", "type": "ordinal", "title": "Labelled role", "axis": beside}
    return {"data": {"values": cells}, "encoding": {"x": column, "y": row}}


def _reliability_chart(bins: Sequence[Mapping[str, Any]]) -> Chart:
    """Circles as large as their bins hold postings, and the diagonal of perfect calibration."""
    placed = {"scale": {"domain": [0, 1]}, "axis": {"format": ".0%", "tickCount": 5}}
    across = {**_quantity("confidence"), "title": "Mean confidence", **placed}
    up = {**_quantity("accuracy"), "title": "Accuracy", **placed}
    diagonal = {
        "data": {"values": [{"confidence": end, "accuracy": end} for end in (0, 1)]},
        "mark": {"type": "line", "stroke": _TEXT, "strokeDash": [5, 4], "strokeWidth": 1.5},
        "encoding": {"x": _quantity("confidence"), "y": _quantity("accuracy")},
    }
    area = {"domainMin": 0, "rangeMin": 20, "rangeMax": 900}
    points = {
        "data": {"values": [dict(row) for row in bins]},
        "encoding": {"x": across, "y": up},
        "layer": [
            {
                "mark": {"type": "circle", "fill": _BLUE, "fillOpacity": 0.6, "stroke": _TEXT},
                "encoding": {"size": {**_quantity("postings"), "scale": area, "legend": None}},
            },
            {
                "mark": {"type": "text", "fill": _TEXT, "align": "left", "dx": 17, "dy": 10},
                "encoding": {"text": {**_quantity("postings"), "format": ","}},
            },
        ],
    }
    return {"layer": [diagonal, points], "width": 380, "height": 380}


def _quantity(field: str) -> Chart:
    return {"field": field, "type": "quantitative"}


def _vector(chart: Chart, prefix: str, label: str) -> Markup:
    """The chart as SVG to stand in a page: `label` tells of it, `prefix` begins every id in it.

    Its lines and texts have the colour of the text around it; user text is in no attribute.
    """
    import vl_convert
    from markupsafe import Markup, escape

    lines = {"labelColor": _TEXT, "titleColor": _TEXT, "tickColor": _TEXT, "domainColor": _TEXT}
    grid = {"gridColor": _TEXT, "gridOpacity": 0.15}
    sizes = {"labelLimit": 0, "labelFontSize": 12, "titleFontSize": 12, "titlePadding": 10}
    config = {
        "aria": False,
        "background": "transparent",
        "font": _FONT,
        "view": {"stroke": None},
        "text": {"fontSize": 12},
        "axis": {**lines, **grid, **sizes},
    }
    svg = _steady(vl_convert.vegalite_to_svg({**chart, "config": config}), prefix)
    root = f'<svg role="img" aria-label="{escape(label)}" font-family="{_FONT}"'
    return Markup(svg.replace("<svg", root, 1))


def _steady(svg: str, prefix: str) -> str:
    """The SVG with its ids numbered anew, and without what the root says for the whole picture.

    vl-convert counts ids on from call to call ("clip1", then "clip2"). In its tags every ">" of
    a value is escaped, so a tag ends at the first one.
    """
    ids: dict[str, str] = {}

    def renamed(place: re.Match[str]) -> str:
        return place[1] + ids.setdefault(place[2], f"{prefix}-{len(ids) + 1}")

    return re.sub("<[^>]*>", lambda tag: _ID.sub(renamed, _SPARE.sub("", tag[0])), svg)
