import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import PermissionDenied

from connectors.accounts import permissions, roles
from tests.factories.accounts import (
    AccountAccessFactory,
    AccountFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MAY = {
    "viewer": set(),
    "auditor": set(),
    "operator": {"retry", "sync_now", "handled_outside", "link", "dismiss", "override"},
    "lead": {
        "retry",
        "sync_now",
        "handled_outside",
        "link",
        "dismiss",
        "override",
        "pause",
    },
    "integrator": {
        "retry",
        "sync_now",
        "handled_outside",
        "link",
        "dismiss",
        "override",
        "pause",
        "change_config",
    },
}


class TestRoles:
    @pytest.mark.parametrize("role", MAY)
    def test_may_do_what_the_role_says_and_no_more(self, role):
        user = UserFactory.create(role=role)

        may = {
            operation.removeprefix("operate.")
            for operation in permissions.OPERATIONS
            if permissions.may(user, operation)
        }

        assert may == MAY[role]

    @pytest.mark.parametrize("role", MAY)
    def test_see_every_row_of_ours(self, role):
        user = UserFactory.create(role=role)

        for label in roles.OUR_APPS:
            for model in apps.get_app_config(label).get_models():
                if "view" in model._meta.default_permissions:
                    view = f"{label}.view_{model._meta.model_name}"
                    assert user.has_perm(view), view

    @pytest.mark.parametrize("role", sorted(set(MAY) - {"integrator"}))
    def test_change_no_row_by_form(self, role):
        held = UserFactory.create(role=role).get_all_permissions()

        verbs = ("add_", "change_", "delete_")
        assert not [name for name in held if name.split(".")[1].startswith(verbs)]

    def test_nobody_changes_the_audit(self):
        held = UserFactory.create(role="integrator").get_all_permissions()

        assert {name for name in held if name.endswith("_audit")} == {
            "accounts.view_audit"
        }

    def test_seeding_again_changes_nothing(self):
        before = {
            group.name: group.permissions.count() for group in Group.objects.all()
        }

        roles.seed()

        after = {group.name: group.permissions.count() for group in Group.objects.all()}
        assert after == before
        assert set(after) == set(MAY)


class TestAccountsFor:
    def test_all_with_the_right_to(self):
        account = AccountFactory.create()

        assert list(permissions.accounts_for(UserFactory.create(role="viewer"))) == [
            account
        ]

    def test_only_those_named_for_the_user(self):
        user = UserFactory.create(role="lead")
        mine = AccountAccessFactory.create(user=user).account
        other = AccountFactory.create()

        assert list(permissions.accounts_for(user)) == [mine]
        assert permissions.may(user, permissions.RETRY, mine)
        assert not permissions.may(user, permissions.RETRY, other)
        assert not permissions.sees_all(user)

    @pytest.mark.parametrize(
        "user",
        [
            pytest.param(lambda: None, id="nobody"),
            pytest.param(AnonymousUser, id="anonymous"),
            pytest.param(UserFactory.create, id="without a role"),
            pytest.param(
                lambda: UserFactory.create(is_active=False, is_superuser=True),
                id="inactive",
            ),
        ],
    )
    def test_none_for_others(self, user):
        AccountFactory.create()

        assert not permissions.accounts_for(user()).exists()

    def test_a_superuser_sees_all(self):
        AccountFactory.create()

        boss = UserFactory.create(is_superuser=True)

        assert permissions.accounts_for(boss).exists()


class TestRequire:
    def test_says_what_was_refused(self):
        account = AccountFactory.create(name="Acme")
        user = UserFactory.create(role="viewer")

        with pytest.raises(PermissionDenied, match=r"in Acme: sync now\."):
            permissions.require(user, permissions.SYNC_NOW, account)

    def test_a_misspelled_operation_is_a_bug_not_a_refusal(self):
        with pytest.raises(ValueError, match=r"operate\.retri"):
            permissions.require(UserFactory.create(is_superuser=True), "operate.retri")
