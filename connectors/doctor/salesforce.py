"""Asking Salesforce what we may do there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db.models import Max

from connectors.accounts import audit
from connectors.accounts.models import Organization
from connectors.doctor import remote_rules as rules
from connectors.doctor.asking import Look, examined, then
from connectors.doctor.findings import Finding, Status
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.soql import ORDER
from connectors.sync import clients, config
from orders.models import Order
from orders.records import OrderStage

Clock = Callable[[], datetime]


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
        if environment.status is Status.OK:
            self._note(identity.organization_id)
        yield fingerprint
        if environment.status is not Status.UNKNOWN:
            yield environment

    def _note(self, org_id: str) -> None:
        """Hold to the first organization that answered; never change it silently."""
        if Organization.objects.filter(pk=self._organization.pk, org_id="").update(
            org_id=org_id
        ):
            audit.record(
                action="note_fingerprint",
                subject=self._organization,
                after={"org_id": org_id},
                now=self._clock(),
            )

    def _source_fields(self) -> Iterator[Finding]:
        mapping = config.source_mapping(self._organization)
        absent = set(self._client.absent_fields(mapping))
        maps = [
            rules.SourceField(one.field, one.path, one.required, one not in absent)
            for one in mapping.fields
        ]
        yield rules.judge_source_fields(maps, subject=self._name)

    def _writeback(self) -> Iterator[Finding]:
        names = config.writeback_fields(self._organization)
        wanted = {name: getattr(names, name) for name in names.__slots__}
        of_package = {name for name in wanted if name.startswith("package_")}
        order = self._client.describe(ORDER)
        fields = [v for k, v in wanted.items() if k not in of_package and v]
        absent, closed = rules.writable_problems(order, fields, must_create=False)
        yield rules.judge_writeback(ORDER, absent, closed, len(fields), self._name)
        yield from examined("salesforce.writeback_fields", self._name, self._packages)

    def _packages(self) -> Iterator[Finding]:
        names = config.writeback_fields(self._organization)
        fields = [
            getattr(names, name)
            for name in names.__slots__
            if name.startswith("package_") and name != "package_object"
        ]
        described = self._client.describe(names.package_object)
        absent, closed = rules.writable_problems(
            described, [name for name in fields if name], must_create=True
        )
        yield rules.judge_writeback(
            names.package_object, absent, closed, len(fields), self._name
        )
        if names.package_key not in absent:
            yield rules.judge_package_key(described, names.package_key, self._name)

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
