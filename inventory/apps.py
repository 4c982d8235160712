"""Stock: products, warehouses, counts and what may be promised of them."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "inventory"
    verbose_name = "Inventory"
