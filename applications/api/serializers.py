"""Shapes of the API. ID numbers are masked; names are shown to whom the case is open."""

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Bureau
from applications import duties, findings, inquiry_screen, permissions
from applications.api.base import staff_of
from applications.eligibility import explain
from applications.findings import How
from applications.models import Application, Member, Opinion, ReviewTask
from applications.route_words import Column
from core import display
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


class CaseDetailSerializer(CaseSerializer):
    """A case with its members and the newest assessment."""

    members = serializers.SerializerMethodField()
    assessment = serializers.SerializerMethodField()

    class Meta(CaseSerializer.Meta):
        fields = [*CaseSerializer.Meta.fields, "members", "assessment"]

    @extend_schema_field(MemberSerializer(many=True))
    def get_members(self, case: Application) -> Any:
        people = [one for one in case.members.all() if not one.excluded]
        return MemberSerializer(people, many=True).data

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

    class Meta:
        model = ReviewTask
        fields = [
            "id", "case_no", "stage", "round", "bureau", "state", "opened_at", "due_on", "urgency",
            "claimed_by", "claim_expires_at", "findings",
        ]  # fmt: skip


class SettlementSerializer(serializers.Serializer[Any]):
    """How a department settled one doubtful rule."""

    how = serializers.ChoiceField(choices=How.choices)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=400, default="")


class OpinionSerializer(serializers.ModelSerializer[Opinion]):
    """An opinion (审核意见). ``settled``: rule code → how it was settled."""

    settled = serializers.DictField(child=SettlementSerializer(), required=False, default=dict)
    reason_codes = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, default=list
    )
    text = serializers.CharField(required=False, allow_blank=True, max_length=2000, default="")
    by = serializers.CharField(source="by.name", read_only=True)

    def validate_settled(self, settled: dict[str, Any]) -> dict[str, Any]:
        """Only rules there are."""
        if unknown := set(settled) - set(duties.RULES):
            raise serializers.ValidationError(
                _("%(rules)s不归本部门核实。") % {"rules": display.listed(sorted(unknown))}
            )
        return settled

    class Meta:
        model = Opinion
        fields = ["verdict", "settled", "reason_codes", "text", "by", "at"]
        read_only_fields = ["at"]


class CallSerializer(serializers.ModelSerializer[Call]):
    """A question to a register (调用记录); about whom is not told."""

    class Meta:
        model = Call
        fields = [
            "id", "source", "case_no", "purpose", "basis", "by", "started_at", "duration_ms",
            "outcome", "error_kind", "row_count", "request_id", "attempts",
        ]  # fmt: skip


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
        "sentence": findings.sentence(record, name or ""),
    }
