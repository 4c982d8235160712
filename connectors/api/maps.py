"""Maps and routing rules of an account: read, weighed, tried, replayed, saved."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from connectors.accounts.models import Account
from connectors.api import filters
from connectors.api.base import RecordViewSet
from connectors.api.reading import DocumentParser
from connectors.config_versions import ConfigKind, ConfigVersion
from connectors.console.scoping import by_account, by_key
from connectors.sync import config, map_actions, routing_tests, what_if
from connectors.sync.map_actions import KINDS
from orders.decisions import Kept, RoutingDecision

DOCUMENTS = (*KINDS, ConfigKind.ROUTING)
KIND = OpenApiParameter("kind", str, "path", enum=[str(kind) for kind in DOCUMENTS])


class DocumentSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    number = serializers.IntegerField(help_text="0 where none was ever saved.")
    document = serializers.JSONField()


class DraftRequest(serializers.Serializer[Any]):
    """`base` is the number of the version that the draft was made of."""

    kind = serializers.ChoiceField(choices=[str(kind) for kind in DOCUMENTS])
    document = serializers.DictField()
    base = serializers.IntegerField(required=False, min_value=0)
    note = serializers.CharField(max_length=255, allow_blank=True, default="")


class TextRequest(serializers.Serializer[Any]):
    """Rows as CSV; `replaces` takes them for the whole map."""

    kind = serializers.ChoiceField(choices=[str(kind) for kind in KINDS])
    text = serializers.CharField(max_length=2_000_000, trim_whitespace=False)
    replaces = serializers.BooleanField(default=False)


class TryRequest(serializers.Serializer[Any]):
    order = serializers.CharField(max_length=80)
    document = serializers.DictField()


class ReplayRequest(serializers.Serializer[Any]):
    days = serializers.IntegerField(min_value=1, max_value=90)
    document = serializers.DictField()


class AnswerSerializer(serializers.Serializer[Any]):
    """What came of it, as named by its fields."""


class RulesViewSet(RecordViewSet[Account]):
    """`/rules/<account>/…`: the account's documents that decide on its orders."""

    queryset = Account.objects.all()
    serializer_class = AnswerSerializer
    parser_classes = (DocumentParser,)
    scope = staticmethod(by_key("whole"))

    @extend_schema(parameters=[KIND], responses=DocumentSerializer)
    @action(detail=True, url_path="documents/(?P<kind>[a-z_]{1,20})")
    def document(self, request: Request, pk: str, kind: str) -> Response:
        """The map, or the routing rules, in force."""
        if kind not in [str(one) for one in DOCUMENTS]:
            raise NotFound("There is no such map.")
        return Response(_in_force(self.get_object(), kind))

    @extend_schema(request=DraftRequest, responses=DocumentSerializer)
    @action(detail=True, methods=["post"])
    def save(self, request: Request, pk: str) -> Response:
        """Put a document into force; what it frees is let go in waves."""
        account, asked = self.get_object(), self.asked(DraftRequest)
        now_in_force = _in_force(account, asked["kind"])
        if asked.get("base", now_in_force["number"]) != now_in_force["number"]:
            raise ValidationError({"base": ["Somebody saved another version since."]})
        saved = map_actions.save(
            account=account,
            kind=asked["kind"],
            document=asked["document"],
            note=asked["note"],
            user=request.user,
            now=timezone.now(),
        )
        return Response(
            {
                **_in_force(account, asked["kind"]),
                "impact": saved.impact.words,
                "retry": saved.retry.pk if saved.retry else None,
            }
        )

    @extend_schema(request=DraftRequest, responses=AnswerSerializer)
    @action(detail=True, methods=["post"])
    def impact(self, request: Request, pk: str) -> Response:
        """What saving would do to the open orders; nothing is kept."""
        account, asked = self.get_object(), self.asked(DraftRequest)
        with _told():
            found = what_if.impact(
                account, asked["kind"], asked["document"], now=timezone.now()
            )
        return Response({**asdict(found), "words": found.words})

    @extend_schema(request=TextRequest, responses=AnswerSerializer)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str) -> Response:
        """The document that a pasted table would make, and the lines it cannot take."""
        account, asked = self.get_object(), self.asked(TextRequest)
        before = map_actions.document_of(account, asked["kind"])
        read = map_actions.read_text(asked["kind"], asked["text"])
        document, merge = map_actions.drafted(before, read, replaces=asked["replaces"])
        return Response(
            {
                "document": document,
                "words": merge.words,
                "faults": [asdict(fault) for fault in read.faults],
                "not_in_catalogue": map_actions.not_in_catalogue(
                    account, asked["kind"], read.rows
                ),
            }
        )

    @extend_schema(request=TryRequest, responses=AnswerSerializer)
    @action(detail=True, methods=["post"], url_path="try")
    def try_one(self, request: Request, pk: str) -> Response:
        """One order under the rules in force and under a draft; nothing is kept."""
        account, asked = self.get_object(), self.asked(TryRequest)
        order = routing_tests.order_named(account, asked["order"])
        with _told():
            found = routing_tests.test_order(
                order, asked["document"], account=account, now=timezone.now()
            )
        return Response([asdict(trial) for trial in found])

    @extend_schema(request=ReplayRequest, responses=AnswerSerializer)
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, pk: str) -> Response:
        """The orders of the last days under draft rules; nothing is kept."""
        account, asked = self.get_object(), self.asked(ReplayRequest)
        with _told():
            found = what_if.replay_days(
                account, asked["document"], days=asked["days"], now=timezone.now()
            )
        return Response(
            {
                "orders": found.orders,
                "is_capped": found.is_capped,
                "seconds": found.seconds,
                "moved_count": found.moved_count,
                "moved": [asdict(row) for row in found.moved],
                "before": dict(found.before),
                "after": dict(found.after),
                "split_before": found.split_before,
                "split_after": found.split_after,
            }
        )

    @extend_schema(responses=AnswerSerializer)
    @action(detail=True)
    def unmapped(self, request: Request, pk: str) -> Response:
        """The values that block orders, with close matches; the worst first."""
        rows = map_actions.unmapped([self.get_object()])[:200]
        map_actions.suggest(rows[:50])
        return Response(
            [
                {
                    "kind": row.kind,
                    "value": row.value,
                    "orders": sorted(row.orders),
                    "since": row.since,
                    "suggestions": row.suggestions,
                }
                for row in rows
            ]
        )


class _told:
    """What is wrong with a draft is told as any other bad request."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, ValueError):
            raise ValidationError({"document": [str(error)]}) from error


def _in_force(account: Account, kind: str) -> dict[str, Any]:
    number = (
        ConfigVersion.objects.filter(kind=kind, account=account)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    document = config.in_force(kind, account).to_document()
    return {"kind": kind, "number": number or 0, "document": document}


class DecisionSerializer(serializers.ModelSerializer[RoutingDecision]):
    class Meta:
        model = RoutingDecision
        fields = (
            *("id", "order", "export", "decided_at", "outcome", "where", "reason"),
            *("rule", "rules_number", "override", "would_be", "warehouses", "views"),
            *("flips", "kept", "actual", "checked_at"),
        )


class DecisionViewSet(RecordViewSet[RoutingDecision]):
    queryset = RoutingDecision.objects.all()
    serializer_class = DecisionSerializer
    scope = staticmethod(by_account("export__account", brand="export__brand"))
    filter_rules = {
        "account": filters.number("export__account_id"),
        "order": filters.number("order_id"),
        "outcome": filters.word("outcome", ["routed", "left", "waits"]),
        "kept": filters.word("kept", Kept.values),
    }
