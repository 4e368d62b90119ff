"""What is kept of every question to another department: the log, and answers still fresh."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.identity.fields import EncryptedJSONField


class CallQuerySet(models.QuerySet["Call"]):
    """Which calls."""

    def of_case(self, case_no: str) -> Self:
        """The calls of one case, oldest first."""
        return self.filter(case_no=case_no).order_by("started_at", "id")

    def about(self, person_index: str) -> Self:
        """Everything that was asked about one person: 谁查过我的数据."""
        return self.filter(person_index=person_index).order_by("-started_at", "-id")

    def since(self, moment: datetime) -> Self:
        """The calls from a moment on."""
        return self.filter(started_at__gte=moment)

    def failed(self) -> Self:
        """Calls that brought no usable answer."""
        return self.filter(outcome=Call.Outcome.UNAVAILABLE)


class Call(models.Model):
    """调用记录 one question to one department: who asked, why, about whom, and what came of it.

    Tries of one question share a row (`attempts`). The person stands here only as a blind index;
    neither the question's ID number nor any answer does.
    """

    class Outcome(models.TextChoices):
        """查询结果 what came back."""

        FOUND = "found", _("查到记录")
        NO_RECORD = "no_record", _("无记录")
        UNAVAILABLE = "unavailable", _("未能获得")

    source = models.CharField(_("数据来源"), max_length=32)
    case_no = models.CharField(_("办件编号"), max_length=40)
    purpose = models.CharField(_("事由"), max_length=120)
    basis = models.CharField(_("依据"), max_length=120)
    by = models.CharField(_("查询人"), max_length=80)
    person_index = models.CharField(_("被查询人索引"), max_length=64)
    started_at = models.DateTimeField(_("查询时间"))
    duration_ms = models.PositiveIntegerField(_("用时（毫秒）"))
    outcome = models.CharField(_("查询结果"), max_length=12, choices=Outcome)
    error_kind = models.CharField(_("故障类型"), max_length=24, blank=True)
    row_count = models.PositiveIntegerField(_("记录条数"), default=0)
    request_id = models.CharField(_("网关流水号"), max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(_("尝试次数"), default=1)

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("调用记录")
        verbose_name_plural = _("调用记录")
        ordering = ["-started_at", "-id"]
        indexes = [
            models.Index(fields=["case_no", "started_at"], name="call_case"),
            models.Index(fields=["person_index", "-started_at"], name="call_person"),
            models.Index(fields=["source", "-started_at"], name="call_source"),
            models.Index(
                fields=["-started_at"],
                condition=models.Q(outcome="unavailable"),
                name="call_failed",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(case_no="") & ~models.Q(purpose="") & ~models.Q(by=""),
                name="call_has_a_reason",
                violation_error_message=_("查询必须写明办件编号、事由和查询人。"),
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="unavailable") ^ models.Q(error_kind=""),
                name="call_error_only_when_unavailable",
                violation_error_message=_("只有未能获得的查询才写故障类型。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.case_no} {self.outcome}"


class FreshAnswerQuerySet(models.QuerySet["FreshAnswer"]):
    """Which kept answers."""

    def usable(self, now: datetime, max_age: timedelta) -> Self:
        """Neither lapsed nor older than the caller accepts."""
        return self.filter(expires_at__gt=now, fetched_at__gte=now - max_age)


class FreshAnswer(models.Model):
    """在有效期内的答复 a source's last answer about a person, kept as long as it counts as fresh.

    Raw rows as the department sent them; reading them is done anew each time, so that a better
    reader also helps answers fetched before it.
    """

    source = models.CharField(max_length=32)
    person_index = models.CharField(max_length=64)
    # what was asked besides the person (a month, a spouse), as a digest; empty for nothing
    params_digest = models.CharField(max_length=64, blank=True)
    rows = EncryptedJSONField()
    request_id = models.CharField(max_length=64, blank=True)
    fetched_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    objects = FreshAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("在有效期内的答复")
        verbose_name_plural = _("在有效期内的答复")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "person_index", "params_digest"],
                name="one_fresh_answer_per_question",
                violation_error_message=_("同一查询只保存一份答复。"),
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gte=models.F("fetched_at")),
                name="fresh_answer_expires_later",
                violation_error_message=_("有效期不能早于取得时间。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.fetched_at:%Y-%m-%d}"


class FeedCursor(models.Model):
    """读到哪里 how far somebody has read the change feed: the next day and page, and the goal.

    `seen` rows of the day so far; `silent_since` the first of the failures that stand now.
    """

    reader = models.CharField(max_length=30, unique=True)
    day = models.DateField()
    page = models.PositiveIntegerField(default=1)
    seen = models.PositiveIntegerField(default=0)
    goal = models.DateField()
    read_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=24, blank=True, default="")
    silent_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(error="") ^ models.Q(silent_since__isnull=False),
                name="feed_silence_has_kind_and_time",
            ),
            models.CheckConstraint(condition=models.Q(page__gte=1), name="feed_pages_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.reader} {self.day} {self.page}"

    @property
    def read_until(self) -> date:
        """The last day that is read whole."""
        return self.day - timedelta(days=1)


class ChangeTaken(models.Model):
    """已读变更 the number of a change that was taken: days are read again, changes are not."""

    reader = models.CharField(max_length=30)
    number = models.CharField(max_length=64)
    on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reader", "number"], name="change_taken_once")
        ]
        indexes = [models.Index(fields=["reader", "on"], name="change_taken_day")]

    def __str__(self) -> str:
        return f"{self.reader} {self.number}"


class GivenConsent(models.Model):
    """登记的授权 a person's consent as datashare was told of it: for one case, for some purposes.

    The words and the signature stay with whoever took them; here stands what the check before each
    question needs. `starts_until` is the lease of the last check: until then questions that passed
    it may still start, and the consent's end waits for that moment (see `datashare.authorities`).
    """

    class Because(models.TextChoices):
        """终止原因 why a consent ended."""

        WITHDRAWN = "withdrawn", _("本人撤回")
        CASE_ENDED = "case_ended", _("办件或保障已结束")
        REPLACED = "replaced", _("已重新授权")

    digest = models.CharField(_("授权摘要"), max_length=64, unique=True)
    person_index = models.CharField(_("授权人索引"), max_length=64, db_index=True)
    case_no = models.CharField(_("办件编号"), max_length=40, db_index=True)
    kinds = ArrayField(models.CharField(max_length=24), verbose_name=_("用途"))
    given_at = models.DateTimeField(_("授权时间"))
    ends_at = models.DateTimeField(_("终止时间"), null=True)
    ended_because = models.CharField(
        _("终止原因"), max_length=12, choices=Because, blank=True, default=""
    )
    starts_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("登记的授权")
        verbose_name_plural = _("登记的授权")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) ^ ~models.Q(ended_because=""),
                name="given_consent_ends_with_a_reason",
                violation_error_message=_("授权终止必须写明原因。"),
            ),
        ]

    def __str__(self) -> str:
        return f"consent {self.pk}"
