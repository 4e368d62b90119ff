"""Plans and pictures of homes."""

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation.models.home import Estate, Home
from applications.papers.fields import KeptFile


class HomePicture(models.Model):
    """A plan or a photo (户型图、照片): of one home, or of a type of home in an estate."""

    class Kind(models.TextChoices):
        PLAN = "plan", _("户型图")
        PHOTO = "photo", _("照片")

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="pictures")
    home = models.ForeignKey(Home, models.PROTECT, null=True, related_name="pictures")
    unit_type = models.CharField(max_length=4, blank=True)  # where it stands for a whole type
    kind = models.CharField(max_length=5, choices=Kind)
    title = models.CharField(max_length=60, blank=True)
    illustrative = models.BooleanField(default=False)  # 示意图: drawn, not surveyed
    digest = models.CharField(max_length=64)  # SHA-256 of the file as it was handed in
    file = KeptFile()
    raw = KeptFile(blank=True)  # as handed in, while the scanner is away
    width = models.PositiveIntegerField()  # pixels
    height = models.PositiveIntegerField()
    added_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(home__isnull=False, unit_type="")
                | (models.Q(home__isnull=True) & ~models.Q(unit_type="")),
                name="picture_of_home_or_type",
            ),
            models.UniqueConstraint(
                fields=["estate", "home", "unit_type", "kind", "digest"],
                name="picture_once",
                nulls_distinct=False,
                violation_error_message=_("这张图已经有了。"),
            ),
        ]
        indexes = [models.Index(fields=["estate", "unit_type"], name="pictures_of_types")]

    @property
    def caption(self) -> str:
        """What stands under it: the kind, a title, and that a drawing is a drawing."""
        word = str(self.get_kind_display())
        if self.illustrative:
            word = gettext("%(kind)s（示意图，以实际房屋为准）") % {"kind": word}
        return f"{word} · {self.title}" if self.title else word
