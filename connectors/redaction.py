"""Masking what must not be written down: secrets always, personal data on request.

By name where a value has one (JSON, XML, form fields, headers), by shape in running
text. Towns, states and countries stay: alone they identify nobody, and reading why
an address was refused needs them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

SECRET: Final = "[secret]"  # noqa: S105 - the mask, not a secret
PERSONAL: Final = "[personal]"
TOO_DEEP: Final = "[too deep]"
DEEPEST: Final = 60

_SECRET_NAMES = re.compile(
    r"password|passwd|secret|token|authorization|apikey|privatekey|assertion|signature"
    r"|credential|cookie|sessionid|hmac|encryptionkey"
)
_NOT_SECRET = {"tokentype", "tokenexpiresat", "tokenexpired", "csrftokenpresent"}
_PERSONAL_NAMES = re.compile(
    r"email|phone|mobile|street|address[0-9]?$|addressline|postalcode|zipcode|^zip$"
    r"|firstname|lastname|fullname|customername|shiptoname|recipient|attention"
    r"|latitude|longitude|birthdate|taxid|vatnumber"
)

# Each pattern begins at a border and is bounded, so that a megabyte of anything is
# read in one pass.
_JWT = re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*")
_BEARER = re.compile(r"(?i)\b(bearer|basic|oauth|token)(\s+)[\w.~+/=!-]{12,}")
_SALESFORCE_SESSION = re.compile(r"\b00D\w{12,15}![\w.]{10,}")
_PEM = re.compile(
    r"-----BEGIN [A-Z ]{3,40}-----[^-]{1,20000}(?:-----END [A-Z ]{3,40}-----)?"
)
_URL_PASSWORD = re.compile(r"(://[^\s:/@]{0,100}:)[^\s/@]{1,200}(@)")
_WEBHOOK_TOKEN = re.compile(r"(/webhooks/[a-z]{2,20}/)[\w-]{16,64}")
_NAMED = re.compile(
    r"""(?<![\w-])([\w-]{2,60})(["']?\s{0,3}[=:]\s{0,3})("[^"\n]{1,2000}"|'[^'\n]{1,2000}'|[^\s&;,"'<>{}\[\]]{1,2000})"""
)
_XML = re.compile(
    r"<((?:[\w-]{1,40}:)?([\w-]{2,60}))((?:\s[^<>]{0,500})?)>([^<]{1,5000})<"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_PHONE = re.compile(
    r"(?<![\w+])(?:\+\d[\d ().-]{7,20}\d|\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}[ .-]\d{3}[ .-]\d{4})(?!\w)"
)
_STREET = re.compile(
    r"(?i)(?<!\w)\d{1,6}[a-z]?(?: [\w.'-]{1,30}){1,4} "
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|way|"
    r"place|pl|square|sq|highway|hwy)(?![\w])"
)


def redact(value: Any, *, personal: bool = True) -> Any:
    """A copy of plain data with secrets masked, and personal data unless told not to.

    Mappings are judged by their keys; text that is JSON is read as such; other text
    goes through mask_text. What is neither comes back as it is.
    """
    return _redact(value, personal, 0)


def mask_text(text: str, *, personal: bool = True) -> str:
    """Running text with everything masked that looks like a secret or personal."""
    text = _PEM.sub(SECRET, text)
    text = _URL_PASSWORD.sub(rf"\1{SECRET}\2", text)
    text = _WEBHOOK_TOKEN.sub(rf"\1{SECRET}", text)
    text = _JWT.sub(SECRET, text)
    text = _SALESFORCE_SESSION.sub(SECRET, text)
    text = _BEARER.sub(rf"\1\2{SECRET}", text)
    text = _XML.sub(lambda found: _mask_element(found, personal), text)
    text = _NAMED.sub(lambda found: _mask_named(found, personal), text)
    if not personal:
        return text
    for pattern in (_EMAIL, _PHONE, _STREET):
        text = pattern.sub(PERSONAL, text)
    return text


def is_personal(value: Any) -> bool:
    """Whether masking personal data would change anything beyond its secrets."""
    return bool(redact(value) != redact(value, personal=False))


def _redact(value: Any, personal: bool, depth: int) -> Any:
    if depth > DEEPEST:
        return TOO_DEEP
    if isinstance(value, Mapping):
        return {
            key: _redact_named(str(key), item, personal, depth)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_redact(item, personal, depth + 1) for item in value]
    if isinstance(value, str):
        return _redact_text(value, personal, depth)
    return value


def _redact_named(name: str, value: Any, personal: bool, depth: int) -> Any:
    mask = _mask_for(name, personal)
    if mask == SECRET and _says_something(value):
        return mask
    if mask == PERSONAL and isinstance(value, str | int) and _says_something(value):
        return mask
    return _redact(value, personal, depth + 1)


def _says_something(value: Any) -> bool:
    """Empty and absent stay visible: that a field was missing is no secret."""
    return value not in (None, "", {}, []) and not isinstance(value, bool)


def _redact_text(text: str, personal: bool, depth: int) -> str:
    if text[:1] in {"{", "["}:
        try:
            parsed = json.loads(text)
            return json.dumps(_redact(parsed, personal, depth + 1), ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    return mask_text(text, personal=personal)


def _mask_for(name: str, personal: bool) -> str:
    plain = re.sub(r"[^a-z0-9]", "", name[:100].lower())
    if _SECRET_NAMES.search(plain) and plain not in _NOT_SECRET:
        return SECRET
    if personal and _PERSONAL_NAMES.search(plain):
        return PERSONAL
    return ""


def _mask_named(found: re.Match[str], personal: bool) -> str:
    name, between, value = found.groups()
    mask = _mask_for(name, personal)
    if not mask or value in {PERSONAL, SECRET, "null", "None", "''", '""'}:
        return found.group()
    quote = value[0] if value[0] in "\"'" else ""
    return f"{name}{between}{quote}{mask}{quote}"


def _mask_element(found: re.Match[str], personal: bool) -> str:
    tag, name, attributes, text = found.groups()
    mask = _mask_for(name, personal)
    if not mask or not text.strip():
        return found.group()
    return f"<{tag}{attributes}>{mask}<"
