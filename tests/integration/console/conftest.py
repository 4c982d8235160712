"""Signed-in people and the addresses of buttons."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import UserFactory


@pytest.fixture
def sign_in():
    """A client signed in with a role; `role=None` for a person without one."""

    def make(role, **kwargs):
        client = Client(**kwargs)
        client.force_login(UserFactory(role=role))
        return client

    return make


@pytest.fixture
def button():
    """The address a button of a record is posted to."""

    def address(row, name):
        meta = row._meta
        return reverse(
            f"admin:{meta.app_label}_{meta.model_name}_do", args=[row.pk, name]
        )

    return address


@pytest.fixture
def page_of():
    def address(row):
        meta = row._meta
        return reverse(
            f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk]
        )

    return address
