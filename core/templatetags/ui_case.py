"""Components of a case: next step, evidence, reasons, timeline, clock, consent."""

from itertools import groupby

from django import template
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.templatetags.ui_marks import mark_shape, tone_class

register = template.Library()


@register.inclusion_tag("components/next_step.html")
def next_step(
    title,
    line="",
    tone="progress",
    due="",
    href="",
    action="",
    other_href="",
    other="",
):
    """The banner that says whose turn it is. ``tone="yours"`` is the only accent on a page."""
    return {
        "title": title,
        "line": line,
        "tone": tone_class(tone),
        "due": due,
        "href": href,
        "action": action,
        "other_href": other_href,
        "other": other,
    }


@register.simple_block_tag(end_name="endquestion")
def question(content, title="", hint="", caption=""):
    """One question a page: the h1 is the question, the content its form."""
    return render_to_string(
        "components/question.html",
        {"content": content, "title": title, "hint": hint, "caption": caption},
    )


@register.simple_block_tag(end_name="endsummary_list")
def summary_list(content, title="", href="", change=""):
    """核对: rows of label, value and 更改. Fill with ``{% summary_row %}``."""
    return render_to_string(
        "components/summary_list.html",
        {"content": content, "title": title, "href": href, "change": change or _("更改")},
    )


@register.inclusion_tag("components/summary_row.html")
def summary_row(label, value, href="", change="", note=""):
    return {
        "label": label,
        "value": value,
        "href": href,
        "change": change or _("更改"),
        "note": note,
    }


@register.inclusion_tag("components/evidence_row.html")
def evidence_row(
    title,
    value="",
    source="",
    as_of="",
    state="met",
    word=None,
    href="",
    action="",
    note="",
    free=False,
    code="",
    digest="",
):
    """One thing the departments already know: value, source, date, 免提交, 有异议.

    ``code`` and ``digest`` name the very answer: 证照编码 or number of the query, fingerprint.
    """
    return {
        "title": title,
        "value": value,
        "source": source,
        "as_of": as_of,
        "shape": mark_shape(state),
        "word": _("已查到") if word is None else word,
        "href": href,
        "action": action or _("有异议"),
        "note": note,
        "free": free,
        "code": code,
        "digest": digest,
    }


@register.inclusion_tag("components/reason_card.html")
def reason_card(
    rule,
    verdict="UNKNOWN",
    word=None,
    value="",
    limit="",
    difference="",
    sentence="",
    change="",
    clause="",
    source="",
    as_of="",
    unverified=False,
    href="",
):
    """依据: one rule with value, limit, difference, clause, source and time;
    ``change`` says what would change a failure."""
    return {
        "rule": rule,
        "shape": mark_shape(verdict),
        "word": word,
        "value": value,
        "limit": limit,
        "difference": difference,
        "sentence": sentence,
        "change": change,
        "clause": clause,
        "source": source,
        "as_of": as_of,
        "unverified": unverified,
        "href": href,
    }


@register.simple_block_tag(end_name="endconsent_card")
def consent_card(content, title="", purpose="", scope="", sources="", until="", basis=""):
    """What is asked, from whom, for how long; the content is the choice itself."""
    return render_to_string(
        "components/consent_card.html",
        {
            "content": content,
            "title": title or _("授权内容"),
            "purpose": purpose,
            "scope": scope,
            "sources": sources,
            "until": until,
            "basis": basis,
        },
    )


@register.simple_block_tag(end_name="endtimeline")
def timeline(content, label=""):
    """Steps in order. Fill with ``{% timeline_step %}``."""
    return render_to_string(
        "components/timeline.html", {"content": content, "label": label or _("办理进度")}
    )


@register.inclusion_tag("components/timeline_step.html")
def timeline_step(title, state="later", when="", who="", line="", href="", link=""):
    """One step: state is met, current, paused, unmet, unknown or later."""
    return {
        "title": title,
        "shape": mark_shape(state),
        "when": when,
        "who": who,
        "line": line,
        "href": href,
        "link": link,
    }


@register.inclusion_tag("components/workday_clock.html")
def workday_clock(used, total, due="", paused_since="", paused_reason="", label=""):
    """The working-day clock: days used of the days promised, and why it is paused."""
    used, total = int(used), int(total)
    return {
        "used": used,
        "total": total,
        "left": total - used,
        "late": max(used - total, 0),
        "due": due,
        "paused_since": paused_since,
        "paused_reason": paused_reason,
        "label": label or _("办理时间"),
    }


@register.inclusion_tag("components/stage_rail.html")
def stage_rail(stages, label=""):
    """Stages in a row: (word, state) or (word, state, line); state as in a timeline step."""
    rail = []
    for stage in stages:
        word, state, *rest = stage
        rail.append({"word": word, "shape": mark_shape(state), "line": rest[0] if rest else ""})
    return {"stages": rail, "label": label or _("阶段")}


@register.simple_block_tag(end_name="endconsequence")
def consequence(content, title="", items=(), tone="caution"):
    """Said before the button: what will happen, what cannot be undone. Content: the form."""
    return render_to_string(
        "components/consequence.html",
        {"content": content, "title": title, "items": items, "tone": tone},
    )


@register.inclusion_tag("components/progress.html")
def progress(
    done,
    total,
    label="",
    url="",
    estimate="",
    cancel_href="",
    finished=None,
    id="progress",
):
    """A bar with counts. With ``url`` htmx asks again every two seconds.

    The view at ``url`` renders this same component and answers with status 286
    once finished; ``finished`` defaults to done ≥ total.
    """
    done, total = int(done), int(total)
    finished = (total > 0 and done >= total) if finished is None else finished
    return {
        "done": done,
        "total": total,
        "label": label or pgettext("progress", "正在处理"),
        "url": url,
        "estimate": estimate,
        "cancel_href": cancel_href,
        "finished": finished,
        "id": id,
    }


@register.simple_block_tag(end_name="endprinted_sheet")
def printed_sheet(content, title="", number="", office="", phone="", date="", qr=""):
    """A page people take away: plate, three plain lines, office and phone, QR."""
    return render_to_string(
        "components/printed_sheet.html",
        {
            "content": content,
            "title": title,
            "number": number,
            "office": office,
            "phone": phone,
            "date": date,
            "qr": qr,
        },
    )


def _grouped(slots, chosen):
    """The free slots one by one, the full ones in runs."""
    shown = []
    for full, run in groupby(enumerate(slots), key=lambda one: not one[1][2]):
        rows = list(run)
        if full:
            after = rows[-1][0] + 1
            until = slots[after][1] if after < len(slots) else ""
            all_day = len(rows) == len(slots)
            shown.append({"first": rows[0][1][1], "until": until, "all_day": all_day})
            continue
        shown += [
            {"value": value, "label": label, "left": left, "chosen": value == chosen}
            for _n, (value, label, left) in rows
        ]
    return shown


@register.inclusion_tag("components/slot_picker.html")
def slot_picker(name, days, chosen="", legend="", hint=""):
    """Appointments: days = [(date text, [(value, label, places left)])].

    Full ones that follow each other are told as one: from when to when there is nothing. Days after
    the first are folded away, but for that of the chosen time.
    """
    shown = [
        {
            "date": date,
            "slots": _grouped(list(slots), chosen),
            "left": sum(one[2] for one in slots),
            "folded": bool(n) and all(one[0] != chosen for one in slots),
        }
        for n, (date, slots) in enumerate((date, list(slots)) for date, slots in days)
    ]
    return {"name": name, "days": shown, "legend": legend or _("选择时间"), "hint": hint}
