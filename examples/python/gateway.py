"""The gateway through zeep: one signed client per service, retries, the echo, and a fault put into words."""

import time
import uuid
from functools import cache

import requests
import zeep
from zeep.exceptions import Fault

from wss import NotTrusted, X509Signature

SERVICES = ("podpis", "rejestr", "udostepnianie", "zasilanie")
COMMON = "{urn:brama:wspolne:1}"
#: Codes after which the same request, signed anew, may succeed.
PASSING = {"PRZECIAZENIE", "NIEDOSTEPNY", "LIMIT_PRZEKROCZONY"}


class Gateway:
    """The services as one domain system calls them, for one unit and one official."""

    def __init__(self, url, pki, system, unit, user, soap="1.1"):
        self.url, self.unit, self.user, self.soap = url, unit, user, soap
        self.signature = X509Signature(
            (pki / f"{system}.key").read_bytes(),
            (pki / f"{system}.pem").read_bytes(),
            [(pki / name).read_bytes() for name in ("brama.pem", "brama-rsa.pem")],
        )
        session = requests.Session()
        session.verify = str(pki / "ca.pem")
        self.transport = zeep.Transport(session=session, timeout=30, operation_timeout=30)

    def testify(self, head):
        """The system's signature over a head of another unit's register, and its certificate."""
        return self.signature.sign_bytes(self.content(head)), self.signature.certificate_bytes()

    def content(self, value):
        """Binary content of a reply as bytes."""
        return value

    @cache
    def client(self, service):
        """The client that zeep makes from the service's WSDL."""
        return zeep.Client(f"{self.url}/ws/{service}?wsdl", transport=self.transport, wsse=self.signature)

    def operations(self, service):
        """Names of the operations at the service's port for the chosen version of SOAP."""
        return sorted(self.client(service).wsdl.services[service].ports[self.port(service)].binding.all())

    def operation(self, service, name):
        """The function that sends a request of this operation."""
        return self.client(service).bind(service, self.port(service))[name]

    def port(self, service):
        return service + {"1.1": "Soap11", "1.2": "Soap12"}[self.soap]

    def call(self, service, operation, **parts):
        """The believed reply to one question.

        All tries carry one idZadania, so that the question has one effect; each is signed anew, because the same
        signature twice is refused as a replay.
        """
        send = self.operation(service, operation)
        context = {"idZadania": str(uuid.uuid4()), "jednostka": self.unit, "uzytkownik": self.user}
        for pause in (0.5, 1, None):
            try:
                reply = send(kontekst=context, **parts)
                break
            except requests.RequestException:
                if pause is None:
                    raise
            except Fault as fault:
                refused = Refused(fault, context, self.signature.last_reply_signed)
                if pause is None or refused.code not in PASSING:
                    raise refused from None
            time.sleep(pause)
        # The signature proves who answered; the echo proves that it is an answer to this question.
        if any(reply.kontekst[name] != context[name] for name in ("idZadania", "jednostka")):
            raise NotTrusted("the reply answers another question")
        return reply


class Refused(Exception):
    """A fault: programs decide by its code, people read its text."""

    def __init__(self, fault, sent, signed):
        detail = None if fault.detail is None else fault.detail.find(f"{COMMON}Wyjatek")
        told = {} if detail is None else {name: detail.findtext(COMMON + name) for name in ("kod", "idZadania", "idZdarzenia")}
        self.code = told.get("kod", fault.code)
        #: Whether the gateway signed it, about this question; anybody could have written another one.
        self.believed = signed and told.get("idZadania") == sent["idZadania"]

        lines = [f"{self.code}: {fault.message}"]
        for one in () if detail is None else detail.iter(f"{COMMON}szczegoly"):
            place = one.findtext(f"{COMMON}sciezka")
            lines.append("  " + (f"{place}: " if place else "") + one.findtext(f"{COMMON}opis"))
        if told:
            lines.append(f"  event {told['idZdarzenia']}")
        if not self.believed:
            lines.append("  (not signed: the gateway did not recognise the caller, or somebody else answered)")
        super().__init__("\n".join(lines))
