import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from connectors.accounts.models import Audit, ScopedSetting
from connectors.accounts.scoped import (
    REGISTRY,
    Source,
    UnknownSettingError,
    assign,
    lookup,
)
from tests.factories.accounts import (
    AccountAccessFactory,
    AccountFactory,
    BrandFactory,
    ScopedSettingFactory,
    UserFactory,
)

KEY = "quarantine_seconds"

pytestmark = pytest.mark.django_db


class TestLookup:
    def test_the_nearest_value_wins_and_says_where_it_stands(self):
        brand = BrandFactory.create()
        account = brand.account

        seen = [lookup(KEY, brand=brand)]
        for scope in ({}, {"account": account}, {"brand": brand}):
            ScopedSettingFactory.create(value=10 + len(seen), **scope)
            seen.append(lookup(KEY, brand=brand))

        assert [(found.value, found.source) for found in seen] == [
            (90, Source.DEFAULT),
            (11, Source.GLOBAL),
            (12, Source.ACCOUNT),
            (13, Source.BRAND),
        ]
        assert lookup(KEY, account=account).source is Source.ACCOUNT
        assert lookup(KEY).source is Source.GLOBAL

    def test_values_of_neighbors_do_not_count(self):
        brand = BrandFactory.create()
        ScopedSettingFactory.create(account=AccountFactory.create())
        ScopedSettingFactory.create(brand=BrandFactory.create(account=brand.account))

        assert lookup(KEY, brand=brand).source is Source.DEFAULT

    def test_an_undeclared_name_is_an_error(self):
        with pytest.raises(UnknownSettingError):
            lookup("quarantine_secs")

    @pytest.mark.parametrize("spec", REGISTRY.values(), ids=REGISTRY)
    def test_each_default_passes_its_own_check(self, spec):
        spec.check(spec.default)


class TestScopes:
    @pytest.mark.parametrize("scope", ["global", "account", "brand"])
    def test_a_scope_holds_one_value(self, scope):
        brand = BrandFactory.create()
        where = {
            "global": {},
            "account": {"account": brand.account},
            "brand": {"brand": brand},
        }[scope]
        ScopedSettingFactory.create(**where)

        with pytest.raises(IntegrityError), transaction.atomic():
            ScopedSettingFactory.create(**where)

    def test_a_value_has_one_scope(self):
        brand = BrandFactory.create()

        with pytest.raises(IntegrityError), transaction.atomic():
            ScopedSettingFactory.create(brand=brand, account=brand.account)


class TestAssign:
    def test_sets_changes_and_takes_back_with_an_audit_entry_each(self, clock):
        account, user = AccountFactory.create(), UserFactory.create(role="integrator")
        for value in (30, 40, None):
            assign(KEY, value, account=account, actor=user, now=clock.now)

        assert lookup(KEY, account=account).source is Source.DEFAULT
        entries = Audit.objects.order_by("id").values_list("before", "after")
        assert list(entries) == [
            ({KEY: None}, {KEY: 30}),
            ({KEY: 30}, {KEY: 40}),
            ({KEY: 40}, {KEY: None}),
        ]

    @pytest.mark.parametrize("value", ["30", -1, True, 1.5, [30]])
    def test_refuses_what_the_setting_cannot_be(self, value, clock):
        with pytest.raises(ValueError, match=KEY):
            assign(
                KEY, value, actor=UserFactory.create(role="integrator"), now=clock.now
            )

        assert not ScopedSetting.objects.exists()

    @pytest.mark.parametrize("role", ["viewer", "operator", "lead", "auditor"])
    def test_other_roles_may_not(self, role, clock):
        with pytest.raises(PermissionDenied):
            assign(KEY, 30, actor=UserFactory.create(role=role), now=clock.now)

    def test_an_integrator_of_one_account_may_not_change_it_for_all(self, clock):
        user = UserFactory.create(role="integrator")
        mine = AccountAccessFactory.create(user=user).account
        assign(KEY, 30, account=mine, actor=user, now=clock.now)

        for scope in ({}, {"account": AccountFactory.create()}):
            with pytest.raises(PermissionDenied):
                assign(KEY, 30, actor=user, now=clock.now, **scope)
