"""Shapes of the API. ID numbers are masked; names are shown to whom the case is open."""

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Bureau
from applications import (
    deadlines,
    desk_time,
    duties,
    filters,
    findings,
    forecast,
    inquiry_screen,
    permissions,
    reason_codes,
    states,
)
from applications.api.base import staff_of
from applications.eligibility import explain
from applications.findings import How
from applications.models import Application, Member, Opinion, ReviewTask, Visit
from applications.route_words import Column
from core import clock, display
from core.identity.masking import mask_id_strong
from datashare.models import Call


class BureauSerializer(serializers.ModelSerializer[Bureau]):
    class Meta:
        model = Bureau
        fields = ["code", "name", "kind"]


class MemberSerializer(serializers.ModelSerializer[Member]):
    id_number = serializers.SerializerMethodField(help_text="masked: first and last character")

    class Meta:
        model = Member
        fields = ["name", "id_number", "relation", "is_applicant"]

    def get_id_number(self, member: Member) -> str:
        return mask_id_strong(member.id_number)


class FindingSerializer(serializers.Serializer[Any]):
    """One finding of the newest assessment; ``person`` is a name, never a number.

    Of another department's rule a department reads rule and result alone, once a rule.
    """

    rule = serializers.CharField()
    result = serializers.ChoiceField(choices=["pass", "fail", "unknown"])
    person = serializers.CharField(allow_null=True)
    actual = serializers.CharField(allow_null=True)
    limit = serializers.CharField(allow_null=True)
    op = serializers.CharField(allow_null=True)
    citation = serializers.CharField()
    evidence = serializers.ListField(child=serializers.CharField())
    sentence = serializers.CharField()
    basis = serializers.CharField(help_text="article, sources and date; empty where it is closed")
    change = serializers.CharField(help_text="what would change a failure; else empty")
    difference = serializers.CharField(help_text="between value and limit, in the rule's unit")


class SideSerializer(serializers.Serializer[Any]):
    """One side of a pair; ``words`` is null where the side is another department's to read."""

    registers = serializers.CharField()
    words = serializers.CharField(allow_null=True)


class ConfirmationSerializer(serializers.Serializer[Any]):
    """What two routes say of one fact; it decides nothing. ``person`` null: the household."""

    pair = serializers.ChoiceField(choices=["aid", "death", "home"])
    result = serializers.ChoiceField(choices=["agree", "disagree", "silent"])
    reason = serializers.CharField(help_text="why a result is silent")
    person = serializers.CharField(allow_null=True)
    left = SideSerializer()
    right = SideSerializer()


class AssessmentSerializer(serializers.Serializer[Any]):
    """What the rules say; it decides nothing."""

    on = serializers.DateField()
    outcome = serializers.ChoiceField(
        choices=["eligible", "conditional", "ineligible", "pending_source", "manual_review"]
    )
    tier = serializers.CharField(allow_null=True)
    findings = FindingSerializer(many=True)
    confirmations = ConfirmationSerializer(many=True)


class VisitSerializer(serializers.ModelSerializer[Visit]):
    """A visit at home (入户核实): what two people saw; it decides nothing.

    A department reads that and when it took place; the other fields are null for it.
    """

    differs = serializers.CharField(read_only=True, help_text="what was seen differently")
    remarks = serializers.CharField(read_only=True)

    class Meta:
        model = Visit
        fields = [
            "visited_at", "recorded_at", "outcome", "attempt", "met", "lived_in", "persons",
            "area", "rent", "condition", "differs", "remarks", "companion",
        ]  # fmt: skip

    def to_representation(self, visit: Visit) -> dict[str, Any]:
        """Closed to a department but for the time."""
        told = super().to_representation(visit)
        if not self.context.get("confined"):
            return told
        return {name: told[name] if name == "visited_at" else None for name in told}


class CaseSerializer(serializers.ModelSerializer[Application]):
    """A case (办件) in the list."""

    street = BureauSerializer(allow_null=True)
    state_word = serializers.SerializerMethodField(help_text="the word a citizen sees")
    applicant = serializers.SerializerMethodField()
    persons = serializers.SerializerMethodField()

    class Meta:
        model = Application
        fields = [
            "case_no", "state", "state_word", "state_since", "programme", "category", "channel",
            "street", "applicant", "persons", "accepted_at", "promised_due", "statutory_due",
            "pending_sources",
        ]  # fmt: skip

    def get_state_word(self, case: Application) -> str:
        return str(case.STATES[case.state].tag)

    def get_applicant(self, case: Application) -> str:
        return next((one.name for one in case.members.all() if one.is_applicant), "")

    def get_persons(self, case: Application) -> int:
        return sum(not one.excluded for one in case.members.all())


class ReasonSerializer(serializers.Serializer[Any]):
    """A reason code (意见理由) with its words and the clause that it carries out."""

    code = serializers.CharField()
    words = serializers.CharField()
    clause = serializers.CharField(help_text="empty for how something was checked")


class GivenOpinionSerializer(serializers.Serializer[Any]):
    """An opinion that counts; another department's without its words and reasons."""

    stage = serializers.CharField(source="task.stage")
    bureau = BureauSerializer(source="task.bureau")
    verdict = serializers.ChoiceField(choices=Opinion.Verdict.choices)
    reasons = ReasonSerializer(many=True, source="shown_reasons")
    text = serializers.CharField(source="shown_text")
    by = serializers.CharField(source="by.name")
    at = serializers.DateTimeField()
    second_by = serializers.CharField(
        source="second_by.name", default=None, allow_null=True,
        help_text="who confirmed an override of what the registers say",
    )  # fmt: skip
    second_at = serializers.DateTimeField(allow_null=True)


class ClockSerializer(serializers.Serializer[Any]):
    """Working days of a case, net of the pauses and gross; ``provisional``: a due date may move."""

    net = serializers.IntegerField()
    gross = serializers.IntegerField()
    promised = serializers.IntegerField()
    statutory = serializers.IntegerField()
    promised_due = serializers.DateField()
    statutory_due = serializers.DateField()
    provisional = serializers.BooleanField()
    paused = serializers.CharField(help_text="why the clock stands; empty where it runs")
    earliest = serializers.DateField(allow_null=True, help_text="forecast; it promises nothing")
    latest = serializers.DateField(allow_null=True)


class DeskTimeSerializer(serializers.Serializer[Any]):
    """How long a desk held the case, in working days; parallel desks each their own."""

    bureau = serializers.CharField(source="code")
    stage = serializers.CharField()
    round = serializers.IntegerField()
    opened_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    net = serializers.IntegerField()
    gross = serializers.IntegerField()
    automatic = serializers.BooleanField()
    critical = serializers.BooleanField(help_text="of parallel desks the one that finished last")


class CaseDetailSerializer(CaseSerializer):
    """A case with its members, its time and the newest assessment."""

    clock = serializers.SerializerMethodField()
    desks = serializers.SerializerMethodField()
    members = serializers.SerializerMethodField()
    assessment = serializers.SerializerMethodField()
    opinions = serializers.SerializerMethodField()
    home_visits = serializers.SerializerMethodField()

    class Meta(CaseSerializer.Meta):
        fields = [
            *CaseSerializer.Meta.fields, "clock", "desks", "members", "assessment", "opinions",
            "home_visits",
        ]  # fmt: skip

    @extend_schema_field(ClockSerializer(allow_null=True))
    def get_clock(self, case: Application) -> Any:
        if case.accepted_at is None:
            return None
        today = clock.today()
        standing = deadlines.clock_of(case, today)
        foreseen = forecast.of(case, today)
        return {
            "net": standing.net,
            "gross": standing.gross,
            "promised": standing.promised,
            "statutory": standing.statutory,
            "promised_due": standing.promised_due.isoformat(),
            "statutory_due": standing.statutory_due.isoformat(),
            "provisional": standing.provisional,
            "paused": standing.paused.reason if standing.paused else "",
            "earliest": foreseen.earliest.isoformat() if foreseen else None,
            "latest": foreseen.latest.isoformat() if foreseen else None,
        }

    @extend_schema_field(DeskTimeSerializer(many=True))
    def get_desks(self, case: Application) -> Any:
        return DeskTimeSerializer(desk_time.of(case, clock.today()), many=True).data

    @extend_schema_field(GivenOpinionSerializer(many=True))
    def get_opinions(self, case: Application) -> Any:
        kind = permissions.confined_to(staff_of(self.context["request"]))
        return GivenOpinionSerializer(_opinions(case, kind), many=True).data

    @extend_schema_field(MemberSerializer(many=True))
    def get_members(self, case: Application) -> Any:
        people = [one for one in case.members.all() if not one.excluded]
        return MemberSerializer(people, many=True).data

    @extend_schema_field(VisitSerializer(many=True))
    def get_home_visits(self, case: Application) -> Any:
        confined = permissions.confined_to(staff_of(self.context["request"]))
        rows = case.home_visits.order_by("visited_at")
        return VisitSerializer(rows, many=True, context={"confined": confined}).data

    @extend_schema_field(AssessmentSerializer(allow_null=True))
    def get_assessment(self, case: Application) -> Any:
        newest = findings.latest_assessment(case)
        if newest is None:
            return None
        names = {one.id_number: one.name for one in case.members.all()}
        kind = permissions.confined_to(staff_of(self.context["request"]))
        read = findings.readable_by(kind, findings.findings_of(newest))
        found = [_finding(one, names) for one in read]
        return {
            "on": newest.on.isoformat(),
            "outcome": newest.outcome,
            "tier": newest.tier or None,
            "findings": found,
            "confirmations": _confirmations(case, newest, kind),
        }


class TaskSerializer(serializers.ModelSerializer[ReviewTask]):
    """A task of the queue (审核任务)."""

    case_no = serializers.CharField(read_only=True)
    bureau = BureauSerializer()
    claimed_by = serializers.CharField(source="claimed_by.name", default=None, allow_null=True)
    findings = serializers.ListField(child=serializers.CharField())
    urgency = serializers.CharField(help_text="late, today, soon or later", default="later")
    workdays_left = serializers.SerializerMethodField(help_text="below zero: working days late")
    street = BureauSerializer(allow_null=True)
    run_by = serializers.SerializerMethodField(
        help_text="who administers the street in fact, if not the district; else empty"
    )

    class Meta:
        model = ReviewTask
        fields = [
            "id", "case_no", "stage", "round", "bureau", "street", "run_by", "channel", "state",
            "opened_at", "due_on", "urgency", "workdays_left", "claimed_by", "claim_expires_at",
            "findings",
        ]  # fmt: skip

    def to_representation(self, task: ReviewTask) -> Any:
        """A claim that has run out holds nothing, whether or not the sweeper has been there."""
        shown = super().to_representation(task)
        ends = task.claim_expires_at
        if task.state == states.TASK_CLAIMED and ends is not None and ends <= clock.now():
            shown |= {"state": states.TASK_OPEN, "claimed_by": None, "claim_expires_at": None}
        return shown

    def get_workdays_left(self, task: ReviewTask) -> int:
        known: dict[Any, filters.Left] = self.__dict__.setdefault("_left", {})
        if task.due_on not in known:
            known |= filters.days_left([task.due_on], clock.today())
        return known[task.due_on].days

    def get_run_by(self, task: ReviewTask) -> str:
        return task.street.jurisdiction if task.street else ""


class SettlementSerializer(serializers.Serializer[Any]):
    """How a department settled one doubtful rule."""

    how = serializers.ChoiceField(choices=How.choices)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=400, default="")
    amount = serializers.DecimalField(
        max_digits=12, decimal_places=2, min_value=0, required=False,
        help_text="yearly income of the household in yuan; with INCOME alone",
    )  # fmt: skip


class OpinionSerializer(serializers.ModelSerializer[Opinion]):
    """An opinion (审核意见). ``settled``: rule code → how it was settled."""

    settled = serializers.DictField(child=SettlementSerializer(), required=False, default=dict)
    reason_codes = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, default=list,
        help_text="of reason_codes.yaml; an objection names at least one",
    )  # fmt: skip
    despite = serializers.CharField(
        required=False, allow_blank=True, max_length=400, write_only=True, default="",
        help_text="why it goes on with a question of its own to another desk open",
    )  # fmt: skip
    text = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")
    by = serializers.CharField(
        source="by.name", read_only=True, allow_null=True,
        help_text="null where it passed by itself",
    )  # fmt: skip
    second_by = serializers.CharField(source="second_by.name", default=None, read_only=True)

    def validate_settled(self, settled: dict[str, Any]) -> dict[str, Any]:
        """Only rules there are."""
        if unknown := set(settled) - set(duties.RULES):
            raise serializers.ValidationError(
                _("%(rules)s不归本部门核实。") % {"rules": display.listed(sorted(unknown))}
            )
        return settled

    class Meta:
        model = Opinion
        fields = [
            "verdict", "settled", "reason_codes", "text", "despite", "by", "automatic", "at",
            "second", "second_by", "second_at",
        ]  # fmt: skip
        read_only_fields = ["automatic", "at", "second", "second_at"]


class CallSerializer(serializers.ModelSerializer[Call]):
    """A question to a register (调用记录); about whom is not told."""

    class Meta:
        model = Call
        fields = [
            "id", "source", "case_no", "purpose", "basis", "by", "started_at", "duration_ms",
            "outcome", "error_kind", "row_count", "request_id", "attempts",
        ]  # fmt: skip


def _opinions(case: Application, kind: str) -> list[Opinion]:
    """The opinions that count, each with the words and reasons that this reader may see."""
    given = Opinion.objects.standing().filter(task__application=case)
    found = list(given.select_related("task__bureau", "by", "second_by").order_by("at", "pk"))
    for one in found:
        owner = one.task.bureau.kind
        closed = kind and owner in duties.DEPARTMENTS and owner != kind
        one.shown_text = "" if closed else one.text  # type: ignore[attr-defined]
        one.shown_reasons = [] if closed else reason_codes.shown(one.reason_codes)  # type: ignore[attr-defined]
    return found


def _confirmations(case: Application, newest: Any, kind: str) -> list[dict[str, Any]]:
    people = [one for one in case.members.all() if not one.excluded]
    return [
        {
            "pair": one.pair,
            "result": one.result,
            "reason": one.reason,
            "person": shown.person or None,
            "left": _side(shown.left),
            "right": _side(shown.right),
        }
        for one, shown in inquiry_screen.readable(newest, people, kind)
    ]


def _side(column: Column) -> dict[str, Any]:
    return {"registers": column.source, "words": column.words if column.open else None}


def _finding(record: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    name = names.get(record.get("person") or "")
    keys = ("rule", "result", "actual", "limit", "op")
    return {
        **{key: record.get(key) for key in keys},
        "person": name,
        "citation": explain.clause(record.get("citation") or "", get_language() or "zh-hans"),
        "evidence": list(record.get("evidence") or []),
        **findings.told(record, name or ""),
    }
