"""Reading what clients send: small JSON objects, strictly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from rest_framework import exceptions, status
from rest_framework.parsers import JSONParser

from connectors.bodies import MalformedBodyError, parse_body


class TooLargeError(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


class ObjectParser(JSONParser):
    """A JSON object of bounded size and depth; the framework's own knows no bounds."""

    largest = 64 * 1024

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        raw = stream.read(self.largest + 1)
        if len(raw) > self.largest:
            raise TooLargeError(f"The request is larger than {self.largest} bytes.")
        try:
            return parse_body(raw)
        except MalformedBodyError as error:
            raise exceptions.ParseError(error.reason) from error


class DocumentParser(ObjectParser):
    """A map of many rows is read whole, and saved whole again."""

    largest = 4 * 1024 * 1024
