"""/review/batch/: clean cases passed together, and the check of what passed by itself."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from accounts.roles import Role
from applications import auto_pass, batches, clean_cases, periods, permissions
from applications.forms.batch import RIGHT, CheckForm, PassForm
from applications.models import AutoPass, Batch, BatchItem, Member
from applications.views.queue import REVIEWERS, staff_of
from core.refusals import Refusal

_PAGE = 50


@require_http_methods(["GET", "POST"])
@staff_only(*REVIEWERS)
def index(request: HttpRequest) -> HttpResponse:
    """批量: how many tasks of the desk are clean, and the person's batches."""
    staff = staff_of(request)
    if request.method == "POST":
        try:
            return redirect("review_batch_one", batches.begin(by=staff).pk)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect("review_batch")
    made = Batch.objects.filter(bureau=staff.bureau_id).select_related("made_by")
    page = Paginator(made, _PAGE).get_page(request.GET.get("page"))
    context = {
        "clean": clean_cases.tasks_of(staff).count(),
        "most": periods.of("batch_most").value,
        "share": periods.of("batch_share"),
        "minimum": periods.of("batch_minimum").value,
        "standing": batches.standing_of(staff),
        "page_obj": page,
        "auto": auto_pass.counts(staff.bureau_id),
        "to_check": auto_pass.to_check(staff).count(),
    }
    return render(request, "review/batch.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(*REVIEWERS)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One batch: what is in it, the sample to open, and the pass."""
    staff = staff_of(request)
    batch = _batch(staff, pk)
    form = PassForm(request.POST or None, initial={"text": batches.draft_text(staff)})
    if request.method == "POST" and form.is_valid():
        try:
            batches.pass_on(batch, by=staff, text=form.cleaned_data["text"])
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("已提交，正在逐件写入意见。"))
            return redirect("review_batch_one", pk)
    people = Member.objects.filter(excluded=False)
    rows = batch.items.select_related("task__application__street").prefetch_related(
        Prefetch("task__application__members", queryset=people)
    )
    counts = batches.counts_of(batch)
    context = {
        "batch": batch,
        "counts": counts,
        "settled": counts["passed"] + counts["left"],
        "sample": [batches.words_of(row) for row in rows if row.sampled],
        "others": [batches.words_of(row) for row in rows if not row.sampled],
        "left": [batches.words_of(row) for row in rows if row.outcome == BatchItem.Outcome.LEFT],
        "form": form,
        "looking": batch.state == Batch.State.LOOKING,
        "why_not": batches.why_not_pass(batch, staff),
        "not_mine": batches.why_not_mine(batch, staff),
        "back_href": reverse("review_batch"),
    }
    return render(request, "review/batch_one.html", context, status=422 if form.errors else 200)


@require_GET
@staff_only(*REVIEWERS)
def open_item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Opens one case of the sample; that it was opened is recorded, and the look on its page."""
    staff = staff_of(request)
    row = get_object_or_404(_batch(staff, pk).items.select_related("task__application"), pk=item)
    if why := permissions.why_not_free(staff, row.task.application):
        return refuse(request, why)
    if row.sampled:
        try:
            batches.look(row, by=staff)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect("review_batch_one", pk)
    return redirect("review_task", row.task_id)


@require_GET
@staff_only(Role.REVIEWER)
def checks(request: HttpRequest) -> HttpResponse:
    """自动通过抽查: what was drawn of this desk, the oldest first."""
    staff = staff_of(request)
    page = Paginator(auto_pass.to_check(staff), _PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "auto": auto_pass.counts(staff.bureau_id),
        "back_href": reverse("review_batch"),
    }
    return render(request, "review/auto_checks.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(Role.REVIEWER)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: open the case, then say what was found."""
    staff = staff_of(request)
    row = _auto_pass(staff, pk)
    if why := permissions.why_not_free(staff, row.opinion.task.application):
        return refuse(request, why)
    form = CheckForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        found: dict[str, Any] = form.cleaned_data
        try:
            auto_pass.check(row, by=staff, right=found["outcome"] == RIGHT, text=found["text"])
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("已记录抽查结果。"))
            return redirect("review_auto_checks")
    context = {
        "row": row,
        "task": row.opinion.task,
        "form": form,
        "why_not": auto_pass.why_not_check(row, staff),
        "back_href": reverse("review_auto_checks"),
    }
    return render(request, "review/auto_check.html", context, status=422 if form.errors else 200)


@require_GET
@staff_only(Role.REVIEWER)
def open_check(request: HttpRequest, pk: int) -> HttpResponse:
    """Opens the case that was drawn; that it was opened is recorded."""
    staff = staff_of(request)
    row = _auto_pass(staff, pk)
    if why := permissions.why_not_free(staff, row.opinion.task.application):
        return refuse(request, why)
    auto_pass.look(row, by=staff)
    return redirect("review_task", row.opinion.task_id)


def _batch(staff: Staff, pk: int) -> Batch:
    """A batch of the person's own desk."""
    rows = Batch.objects.filter(bureau=staff.bureau_id).select_related("made_by", "bureau")
    return get_object_or_404(rows, pk=pk)


def _auto_pass(staff: Staff, pk: int) -> AutoPass:
    rows = AutoPass.objects.filter(bureau=staff.bureau_id, sampled=True)
    return get_object_or_404(rows.select_related("opinion__task__application", "bureau"), pk=pk)
