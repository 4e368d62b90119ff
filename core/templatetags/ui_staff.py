"""Components of the staff faces: tables, matrix, facets, figures, building, charts."""

from django import template
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from core.templatetags.ui_marks import mark_shape

register = template.Library()


@register.simple_block_tag(end_name="endtable")
def table(content, caption="", hide_caption=False, stacked=False, id=""):
    """A table that scrolls inside its frame. Content: thead and tbody.

    ``stacked`` turns rows into blocks on a phone; then each td needs data-label.
    """
    return render_to_string(
        "components/table.html",
        {
            "content": content,
            "caption": caption,
            "hide_caption": hide_caption,
            "stacked": stacked,
            "id": id,
        },
    )


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context, page, param="page", unit=""):
    """Pages of a Paginator page; keeps the other query parameters."""
    request = context.get("request")
    query = request.GET.copy() if request else None

    def link(number):
        if query is None:
            return f"?{param}={number}"
        asked = query.copy()
        asked[param] = number
        return f"?{asked.urlencode()}"

    window = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    numbers = [
        {
            "text": number,
            "href": link(number) if isinstance(number, int) else "",
            "current": number == page.number,
        }
        for number in window
    ]
    return {
        "numbers": numbers,
        "several": page.paginator.num_pages > 1,
        "previous": link(page.previous_page_number()) if page.has_previous() else "",
        "next": link(page.next_page_number()) if page.has_next() else "",
        "total": page.paginator.count,
        "unit": unit or _("件"),
    }


@register.inclusion_tag("components/facet_bar.html")
def facet_bar(facets, action="", search=None, search_label="", clear_href=""):
    """Filters as links with counts.

    facets = [(title, [(label, href, count, active)])]; ``search`` is the current
    text of the search box (None: no box).
    """
    groups = [
        {
            "title": title,
            "options": [
                {"label": label, "href": href, "count": number, "active": active}
                for label, href, number, active in options
            ],
        }
        for title, options in facets
    ]
    return {
        "groups": groups,
        "action": action,
        "search": search,
        "with_search": search is not None,
        "search_label": search_label or _("编号、姓名、拼音"),
        "clear_href": clear_href,
    }


@register.simple_block_tag(end_name="endinspector")
def inspector(content, title="", close_href="", id=""):
    """The 360 px column at the right that shows the chosen row."""
    return render_to_string(
        "components/inspector.html",
        {"content": content, "title": title, "close_href": close_href, "id": id},
    )


@register.inclusion_tag("components/matrix.html")
def matrix(columns, rows, caption="", corner=""):
    """People × sources.

    columns = [text]; rows = [(row heading, [(state, word, href)])]; a cell may be
    None (not asked).
    """
    shown = []
    for heading, cells in rows:
        line: list[dict[str, str] | None] = []
        for cell in cells:
            if cell is None:
                line.append(None)
                continue
            state, word, *href = cell
            line.append(
                {
                    "shape": mark_shape(state),
                    "word": word,
                    "href": href[0] if href else "",
                }
            )
        shown.append({"heading": heading, "cells": line})
    return {
        "columns": columns,
        "rows": shown,
        "caption": caption or _("每个人在每个部门的核对结果"),
        "corner": corner or _("家庭成员"),
    }


@register.inclusion_tag("components/compare_pair.html")
def compare_pair(
    label,
    fetched,
    declared,
    fetched_source="",
    declared_source="",
    differs=None,
    note="",
):
    """What the register says beside what the person says; the difference is marked."""
    return {
        "label": label,
        "fetched": fetched,
        "declared": declared,
        "fetched_source": fetched_source or _("部门数据"),
        "declared_source": declared_source or _("本人填写"),
        "differs": (fetched != declared) if differs is None else differs,
        "note": note,
    }


@register.inclusion_tag("components/verdict_strip.html")
def verdict_strip(items, label=""):
    """Conditions at a glance: items = [(state, title, line)]."""
    strip = []
    for item in items:
        state, title, *rest = item
        strip.append({"shape": mark_shape(state), "title": title, "line": rest[0] if rest else ""})
    return {"items": strip, "label": label or _("条件一览")}


@register.inclusion_tag("components/building_picture.html")
def building_picture(floors, label="", legend=None, words=False):
    """A house drawn as its floors.

    floors = [(floor label, [(number, state, state word, href)])], top floor first.
    States: free, drawn, offered, let, vacating, works, held, acquired, retired, mine; each has
    its colour and its shape, and with ``words`` its word stands under the number.
    """
    keys = legend or [
        ("free", _("可配租")),
        ("offered", _("已配、待签约")),
        ("let", _("已入住")),
        ("works", _("维修中")),
        ("mine", _("您的房源")),
    ]
    shown = [
        {
            "floor": floor,
            "homes": [
                {"number": number, "state": state, "word": word, "href": href}
                for number, state, word, href in homes
            ],
        }
        for floor, homes in floors
    ]
    used = {home["state"] for floor in shown for home in floor["homes"]}
    return {
        "floors": shown,
        "label": label or _("楼栋图"),
        "legend": [pair for pair in keys if pair[0] in used],
        "words": words,
    }


@register.inclusion_tag("components/figure_card.html")
def figure_card(
    title,
    value,
    unit="",
    target="",
    definition="",
    as_of="",
    href="",
    link="",
    tone="",
    note="",
):
    """One figure: the title is the finding, the definition is one tap away."""
    return {
        "title": title,
        "value": value,
        "unit": unit,
        "target": target,
        "definition": definition,
        "as_of": as_of,
        "href": href,
        "link": link or _("看办件"),
        "tone": tone,
        "note": note,
    }


@register.inclusion_tag("components/chart.html")
def chart(id, title, data, columns=None, rows=None, note="", size=""):
    """A chart drawn from JSON by static/js/charts.js, with a table as its other face.

    data: {"kind": "bar|line|hbar|histogram|stack", "categories": […],
    "series": [{"name", "values"}], "target": number?, "marks": [{"at", "label"}]?,
    "unit": "件"?}. The table is made from it unless columns and rows are given.
    """
    if columns is None:
        columns = ["", *[series["name"] for series in data["series"]]]
        rows = [
            [name, *[series["values"][at] for series in data["series"]]]
            for at, name in enumerate(data["categories"])
        ]
    return {
        "id": id,
        "data_id": f"{id}-data",
        "title": title,
        "data": data,
        "columns": columns,
        "rows": rows or [],
        "note": note,
        "size": size,
    }


@register.inclusion_tag("components/chart_scripts.html")
def chart_scripts():
    """The scripts a page with charts needs; put it in ``{% block scripts %}``."""
    return {}
