"""Where an order is, as clients read it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from connectors.sync.whereabouts import Place


class SightingSerializer(serializers.Serializer[Any]):
    place = serializers.ChoiceField(choices=[place.value for place in Place])
    organization = serializers.IntegerField(source="organization.pk")
    words = serializers.CharField()
    help = serializers.CharField()
    salesforce_id = serializers.CharField()
    order_number = serializers.CharField()
    status = serializers.CharField()
    order = serializers.IntegerField(source="order.pk", default=None)
    may_read = serializers.BooleanField()


class ReadRequest(serializers.Serializer[Any]):
    organization = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    salesforce_id = serializers.CharField(max_length=18)


class ReadAnswer(serializers.Serializer[Any]):
    rung = serializers.BooleanField(help_text="It is read within seconds.")
