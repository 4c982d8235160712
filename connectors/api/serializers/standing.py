"""The standing of the sync as clients read it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from connectors.api.serializers.accounts import AccountSerializer, CredentialSerializer


class WorkerSerializer(serializers.Serializer[Any]):
    host = serializers.CharField()
    beat_at = serializers.DateTimeField()
    is_alive = serializers.BooleanField()
    is_stopped = serializers.BooleanField()
    restarts = serializers.IntegerField()


class DueSerializer(serializers.Serializer[Any]):
    lane = serializers.CharField()
    count = serializers.IntegerField()
    oldest = serializers.DateTimeField()


class StandingSerializer(serializers.Serializer[Any]):
    now = serializers.DateTimeField()
    sandbox = serializers.BooleanField()
    workers = WorkerSerializer(many=True)
    logins = CredentialSerializer(many=True)
    accounts = AccountSerializer(many=True)
    jobs = serializers.DictField(child=serializers.IntegerField())
    due = DueSerializer(many=True)
    failures = serializers.DictField(child=serializers.IntegerField())
    deliveries = serializers.DictField(child=serializers.IntegerField())
    held_exports = serializers.IntegerField()
    unknown_exports = serializers.IntegerField()
