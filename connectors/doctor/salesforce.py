"""Asking Salesforce what we may do there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from django.db.models import Max

from connectors.accounts.models import Organization
from connectors.doctor import remote_rules as rules
from connectors.doctor.asking import Look, examined, then
from connectors.doctor.findings import Finding, Status
from connectors.hearing import (
    SalesforceListener,
    SalesforceNotification,
    SalesforceRequest,
)
from connectors.salesforce.client import SalesforceClient
from connectors.sync import clients, config, fingerprints, load, requests
from orders.models import Order
from orders.records import OrderStage

Clock = Callable[[], datetime]


def _column(name: str) -> str:
    """A relationship's field: `Shipment__r` is set through `Shipment__c`."""
    return f"{name.removesuffix('__r')}__c" if name.endswith("__r") else name


def _is_object(name: str) -> bool:
    return name.endswith("_object")


class SalesforceLook:
    """One organization's login, rights, fields and limits."""

    def __init__(self, organization: Organization, clock: Clock) -> None:
        self._organization = organization
        self._clock = clock
        self._name = organization.name
        self._made: SalesforceClient | None = None

    def run(self) -> Iterator[Finding]:
        first = examined("salesforce.login", self._name, self._login)
        more: dict[str, Look] = {
            "salesforce.source_fields": self._source_fields,
            "salesforce.writeback_fields": self._writeback,
            "salesforce.edit_activated": self._edit_activated,
            "salesforce.limits": self._limits,
            "salesforce.messages": self._messages,
            "salesforce.requests": self._requests,
        }
        return then(first, self._name, more)

    @property
    def _client(self) -> SalesforceClient:
        if self._made is None:
            # Rights are to be seen as they are now, not as last described.
            clients.descriptions.forget(self._organization.credential_id)
            self._made = clients.build_salesforce(self._organization, clock=self._clock)
        return self._made

    def _login(self) -> Iterator[Finding]:
        identity = self._client.identity()
        environment = rules.judge_environment(
            identity.is_sandbox, self._organization.is_sandbox, self._name
        )
        fingerprint = rules.judge_fingerprint(
            "salesforce.login",
            stored=self._organization.org_id,
            told=identity.organization_id,
            subject=self._name,
        )
        fingerprints.note(
            self._organization,
            identity,
            is_trusted=Status.FAILED not in {environment.status, fingerprint.status},
            now=self._clock(),
        )
        yield fingerprint
        if environment.status is not Status.UNKNOWN:
            yield environment

    def _source_fields(self) -> Iterator[Finding]:
        mapping = config.source_mapping(self._organization)
        absent = set(self._client.absent_fields(mapping))
        maps = [
            rules.SourceField(one.field, one.path, one.required, one not in absent)
            for one in mapping.fields
        ]
        yield rules.judge_source_fields(maps, subject=self._name)

    def _writeback(self) -> Iterator[Finding]:
        """The order's own fields, then each object of the package that is written."""
        names = config.writeback_fields(self._organization)
        wanted = {name: getattr(names, name) for name in names.__slots__}
        objects = {name: value for name, value in wanted.items() if _is_object(name)}
        groups = [name.removesuffix("object") for name in objects]
        of_objects = {one for one in wanted if one.startswith(tuple(groups))}
        of_objects.add("orders_in")
        order = self._client.describe(names.orders_in)
        fields = [v for k, v in wanted.items() if k not in of_objects and v]
        absent, closed = rules.writable_problems(order, fields, must_create=False)
        yield rules.judge_writeback(
            names.orders_in, absent, closed, len(fields), self._name
        )
        for group in [one for one in groups if wanted[f"{one}object"]]:
            look = partial(self._object, {k: wanted[k] for k in of_objects}, group)
            yield from examined("salesforce.writeback_fields", self._name, look)

    def _object(self, wanted: dict[str, str], group: str) -> Iterator[Finding]:
        sobject, key = wanted[f"{group}object"], wanted[f"{group}key"]
        fields = [
            _column(value)
            for name, value in wanted.items()
            if name.startswith(group) and not _is_object(name) and value
        ]
        described = self._client.describe(sobject)
        absent, closed = rules.writable_problems(described, fields, must_create=True)
        yield rules.judge_writeback(sobject, absent, closed, len(fields), self._name)
        if key not in absent:
            yield rules.judge_package_key(described, key, self._name)

    def _edit_activated(self) -> Iterator[Finding]:
        written = Order.objects.filter(
            organization=self._organization, stage=OrderStage.ACTIVATED
        )
        last = written.aggregate(last=Max("written_back_at"))["last"]
        yield rules.judge_edit_activated(last, self._name)

    def _limits(self) -> Iterator[Finding]:
        usage = self._client.api_usage
        yield rules.judge_api_usage(
            usage.used if usage else None, usage.limit if usage else None, self._name
        )
        ours = sum(load.use_of(self._organization, now=self._clock()).values())
        if usage is not None:
            yield rules.tell_our_share(ours, usage.limit, self._name)

    def _messages(self) -> Iterator[Finding]:
        found = SalesforceListener.objects.filter(organization=self._organization)
        listener = found.first()
        told = listener is not None and listener.last_received_at is not None
        refused = listener is not None and listener.last_refused_at is not None
        yield rules.judge_messages(
            is_told=told,
            last_refusal=listener.last_refusal if listener and refused else "",
            echoes=self._echoes(listener) if listener else 0.0,
            subject=self._name,
        )

    def _echoes(self, listener: SalesforceListener) -> float:
        named = SalesforceNotification.objects.filter(organization=self._organization)
        return listener.echo_count / max(named.count(), listener.echo_count, 1)

    def _requests(self) -> Iterator[Finding]:
        stuck = SalesforceRequest.objects.filter(
            organization=self._organization,
            is_told=False,
            answers__gte=requests.MOST_ANSWERS,
        )
        yield rules.judge_requests(
            self._client.requests().are_possible(), stuck.count(), self._name
        )
