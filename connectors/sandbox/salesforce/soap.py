"""The one SOAP call clients still try: login(), which is always refused."""

from __future__ import annotations

import re

from connectors.sandbox.wire import Request, Response

SOAP_PATH = re.compile(r"/services/Soap/[uc]/(\d+(?:\.\d)?)")


def login_fault(request: Request) -> Response:
    """The login() call left the API with version 65 and is switched off below it."""
    match = SOAP_PATH.match(request.path)
    modern = match is None or float(match[1]) >= 65
    code = "UNSUPPORTED_API_VERSION" if modern else "INVALID_OPERATION"
    message = (
        "SOAP API login() is not available in this API version."
        if modern
        else "SOAP API login() is disabled by default in this org."
    )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault>'
        f"<faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring>"
        f"<detail><sf:LoginFault><sf:exceptionCode>{code}</sf:exceptionCode>"
        f"<sf:exceptionMessage>{message}</sf:exceptionMessage></sf:LoginFault></detail>"
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Response(500, body.encode(), {"Content-Type": "text/xml;charset=UTF-8"})
