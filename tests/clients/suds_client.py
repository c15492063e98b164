"""suds, the other usual SOAP client of Python, in the place of zeep: the verbs `import` and `every` of examples/python."""

import base64
import sys
from functools import cache
from pathlib import Path

from lxml import etree
from suds.client import Client
from suds.plugin import MessagePlugin

sys.path.append(str(Path(__file__).parents[2] / "examples/python"))
import client  # noqa: E402
from gateway import Gateway  # noqa: E402


class Signing(MessagePlugin):
    """Signs what suds is about to send and believes only signed replies."""

    def __init__(self, signature):
        self.signature = signature

    def sending(self, context):
        envelope, _ = self.signature.apply(etree.fromstring(context.envelope), {})
        context.envelope = etree.tostring(envelope)

    def received(self, context):
        self.signature.verify(etree.fromstring(context.reply))


class SudsGateway(Gateway):
    """Only what differs from zeep: the client, its operations, and how their parts are given."""

    @cache
    def client(self, service):
        return Client(f"{self.url}/ws/{service}?wsdl", cache=None, timeout=30, plugins=[Signing(self.signature)])

    def operations(self, service):
        [port] = [port for port in self.client(service).wsdl.services[0].ports if port.name == self.port(service)]
        return sorted(port.methods)

    def content(self, value):
        return base64.b64decode(value)

    def operation(self, service, name):
        send = self.client(service).service[self.port(service)][name]
        return lambda **parts: send(**as_suds(parts))


def as_suds(part):
    """suds encodes no bytes, and marks attributes with an underscore."""
    if isinstance(part, dict):
        return {"_przytnij" if name == "przytnij" else name: as_suds(one) for name, one in part.items()}
    if isinstance(part, list):
        return [as_suds(one) for one in part]
    return base64.b64encode(part).decode() if isinstance(part, bytes) else part


if __name__ == "__main__":
    client.main(SudsGateway)
