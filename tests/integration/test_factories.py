"""Every model has a factory, and what it makes can be stored."""

from __future__ import annotations

import pytest
from django.apps import apps
from factory.django import DjangoModelFactory

from tests.factories import accounts, connectors, inventory, orders

MODELS = [
    model
    for label in ("accounts", "connectors", "inventory", "orders")
    for model in apps.get_app_config(label).get_models()
    if model._meta.managed
]
FACTORIES = {
    made._meta.model: made
    for module in (accounts, connectors, inventory, orders)
    for made in vars(module).values()
    if isinstance(made, type) and issubclass(made, DjangoModelFactory)
}


@pytest.mark.django_db
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_makes_a_row_of_it(model):
    made = FACTORIES[model]()

    assert model._default_manager.filter(pk=made.pk).exists()
