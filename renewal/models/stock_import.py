"""The households that an older system had in force, as a file handed in (存量导入)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation.models import Home, Lease, RentCharge
from applications.models import Application
from core.identity.fields import EncryptedBytesField, EncryptedJSONField
from core.workflow import StateTable
from renewal import states


class StockImport(models.Model):
    """A workbook of households in force: which column is which, checked, taken in, undone."""

    STATES: ClassVar[StateTable] = states.STOCK_IMPORT

    file_name = models.CharField(max_length=120)
    file_digest = models.CharField(max_length=64)  # SHA-256
    content = EncryptedBytesField(null=True)  # until the take-in begins: the entries have it all
    titles = models.JSONField(default=dict)  # the file's own column titles, by sheet
    mapping = models.JSONField(default=dict)  # sheet → our column → the file's title
    make_homes = models.BooleanField(default=False)
    state = models.CharField(
        max_length=10, choices=states.STOCK_IMPORT.choices, default=states.S_UPLOADED
    )
    state_since = models.DateTimeField()
    uploaded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    faults = EncryptedJSONField(default=list)  # check.Fault
    fault_count = models.PositiveIntegerField(default=0)
    rehearsal = models.JSONField(default=dict)  # what the dry run would have made, in numbers
    rehearsed_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undo_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["file_digest"],
                condition=models.Q(state__in=[states.S_RUNNING, states.S_STOPPED, states.S_DONE]),
                name="stock_file_once",
                violation_error_message=_("这份文件已经导入过。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(
                    state__in=[states.S_RUNNING, states.S_STOPPED, states.S_DONE, states.S_UNDONE]
                )
                | models.Q(started_by__isnull=False),
                name="stock_import_has_actor",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.S_UNDONE)
                | models.Q(undone_by__isnull=False, undone_at__isnull=False)
                & ~models.Q(undo_reason=""),
                name="stock_import_undone_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class StockEntry(models.Model):
    """One household of the file and what became of it; what the old system says stays here.

    ``said`` holds each cell's own text with sheet and row. It is a statement of the old system:
    never Evidence, never an Assessment.
    """

    class Kind(models.TextChoices):
        IN_FORCE = "in_force", _("在租")
        EVER = "ever", _("曾经保障")

    class State(models.TextChoices):
        READY = "ready", _("可以导入")
        FAULTY = "faulty", _("有要改的地方")
        TAKEN = "taken", _("已导入")
        REFUSED = "refused", _("没有导入")

    source = models.ForeignKey(StockImport, models.CASCADE, related_name="entries")
    row = models.PositiveIntegerField()  # of the sheet of households, as the spreadsheet counts
    household_no = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.READY)
    said = EncryptedJSONField()
    faults = EncryptedJSONField(default=list)  # why it was refused when its turn came
    taken_at = models.DateTimeField(null=True)
    application = models.OneToOneField(
        Application, models.PROTECT, null=True, related_name="stock_entry"
    )
    lease = models.OneToOneField(Lease, models.PROTECT, null=True, related_name="stock_entry")
    home = models.ForeignKey(Home, models.PROTECT, null=True, related_name="+")
    home_was = models.CharField(max_length=12, blank=True)  # its state before; empty: made here
    benefits = models.JSONField(default=list)  # keys of the rows that the entry made
    arrears = models.DecimalField(max_digits=9, decimal_places=2, default=0)  # 元, as stated
    opening = models.OneToOneField(  # the line of the rent book, once a person had it entered
        RentCharge, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["source", "row"], name="stock_entry_once"),
            models.CheckConstraint(
                condition=~models.Q(state="taken")
                | models.Q(taken_at__isnull=False)
                & (
                    models.Q(kind="ever", lease__isnull=True)
                    | models.Q(kind="in_force", lease__isnull=False, application__isnull=False)
                ),
                name="stock_entry_taken_has_its_lease",
            ),
        ]
        indexes = [models.Index(fields=["source", "state", "id"], name="stock_entries_by_state")]
