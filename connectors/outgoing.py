"""Mail on its way: written with what it tells of, and kept until a server takes it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class OutgoingMail(models.Model):
    """One mail to one person. It stands in the transaction that had something to tell.

    Sent at least once: a process that ends while it sends leaves it due again.
    `mute_link` is where one click ends mail about its cause.
    """

    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=255)
    text = models.TextField()
    mute_link = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        default_permissions = ()
        indexes: ClassVar = [
            models.Index(
                fields=["not_before"],
                condition=Q(sent_at=None, given_up_at=None),
                name="mail_to_be_sent",
            ),
            models.Index(fields=["created_at"], name="mail_by_age"),
        ]

    def __str__(self) -> str:
        return self.subject
