"""What keeps the shared queue quick: running counts and words to search by; and saved views."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau, Staff
from applications.models.application import Application


class QueueCount(models.Model):
    """待办计数: a change of the number of open tasks with one set of keys; the sum is the count.

    Changes are only added, so that reviewers never wait for each other; `queue_counts.fold` sums
    them up from time to time.
    """

    bureau = models.ForeignKey(Bureau, models.CASCADE, related_name="+", db_index=False)
    stage = models.CharField(max_length=10)
    state = models.CharField(max_length=10)
    doubt = models.BooleanField()
    channel = models.CharField(max_length=10)
    street = models.BigIntegerField()  # 0: none
    due_on = models.DateField()
    n = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["bureau", "due_on"], name="count_of_bureau")]


class SearchWord(models.Model):
    """查找词: what a case is found by: its number backwards, a name, its pinyin, an ID's last four.

    The last four are a keyed digest behind a #; the rest stands plain wherever names do.
    """

    application = models.ForeignKey(Application, models.CASCADE, related_name="search_words")
    member = models.ForeignKey(
        "applications.Member", models.CASCADE, null=True, related_name="search_words"
    )
    word = models.CharField(max_length=200)

    class Meta:
        indexes = [
            models.Index(
                fields=["word", "application"],
                opclasses=["varchar_pattern_ops", "int8_ops"],
                name="word_begins",
            )
        ]


class SavedView(models.Model):
    """常用筛选: filters of the queue that a person gave a name."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=30)
    query = models.CharField(max_length=400)  # of the address, without page and search
    is_default = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "name"], name="saved_view_name_once",
                violation_error_message=_("您已有同名的常用筛选，请换一个名称。"),
            ),
            models.UniqueConstraint(
                fields=["staff"], condition=models.Q(is_default=True),
                name="saved_view_one_default",
                violation_error_message=_("只能有一个默认的常用筛选。"),
            ),
        ]  # fmt: skip
