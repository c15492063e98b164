"""A domain system of a social-assistance unit: imports the WSDLs, asks, feeds, and meets a fault."""

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path

import requests
from zeep.exceptions import TransportError
from zeep.helpers import serialize_object

import batch
from gateway import SERVICES, Gateway, Refused
from wss import NotTrusted

#: Item 9 of the labour office's records is not granted to the social-assistance unit.
NOT_GRANTED = "1.1,9"
#: What is sealed.
LETTER = "<pismo><tresc>Wzywa się do uzupełnienia wniosku.</tresc></pismo>".encode()
#: How long a small batch may take, in seconds.
PATIENCE = 60


def main(gateway_class=Gateway):
    options = arguments()
    try:
        gateway = gateway_class(
            options.url, options.demo / "pki", options.system, options.jednostka, options.uzytkownik, options.soap
        )
        VERBS[options.verb](gateway, options)
    except Refused as refused:
        sys.exit(str(refused))
    except NotTrusted as reason:
        sys.exit(f"The reply cannot be believed: {reason}.")
    except (requests.RequestException, TransportError) as reason:
        sys.exit(f"No answer from {options.url}: {reason}")
    except FileNotFoundError as missing:
        sys.exit(f"{missing}; --demo names the folder that `make run` made")


def import_services(gateway, _options):
    """load every published WSDL"""
    for service in SERVICES:
        print("IMPORTED", service, len(gateway.operations(service)))


def ask(gateway, options):
    """ask about one person"""
    answer = gateway.call("udostepnianie", "UdostepnijDaneOsoby", **question(options), zakres=scope(options))
    show(answer)
    print("OK UdostepnijDaneOsoby", answer.idUdostepnienia)


def feed(gateway, _options):
    """feed a small batch, one person of it broken, and read the protocol"""
    accepted = send_whole(gateway.call)
    state = wait(gateway.call, accepted.idPaczki)
    show(protocol(gateway.call, accepted.idPaczki))
    print("OK PrzekazPaczke", accepted.idPaczki, state)


def fault(gateway, options):
    """ask for more than is granted, and tell the fault"""
    options.zakres, options.przytnij = NOT_GRANTED, False
    try:
        ask(gateway, options)
    except Refused as refused:
        print(refused)
        if refused.believed:
            print("FAULT", refused.code)
            return
    sys.exit("A signed fault was expected.")


def every(gateway, options):
    """call every operation"""
    answered = set()

    def call(service, operation, **parts):
        reply = gateway.call(service, operation, **parts)
        if operation not in answered:
            print("OK", operation)
            answered.add(operation)
        return reply

    who = question(options)
    call("udostepnianie", "PobierzZbiory")
    call("udostepnianie", "WeryfikujWystepowanieOsoby", **who)
    call("udostepnianie", "WeryfikujDaneOsoby", **who, porownanie={"imie": "Anna", "dataUrodzenia": "1885-03-15"})
    disclosed = call("udostepnianie", "UdostepnijDaneOsoby", **who, zakres=scope(options))
    prove(gateway, call, options, disclosed.idUdostepnienia)
    order = call("udostepnianie", "ZlecUdostepnienie", **without_set(who), pytanie=[{"zbior": who["zbior"], "zakres": scope(options)}])
    fetch(call, order.idZlecenia)
    sign(gateway, call)
    for accepted in (send_whole(call), send_in_parts(call)):
        wait(call, accepted.idPaczki)
        protocol(call, accepted.idPaczki)

    missing = {operation for service in SERVICES for operation in gateway.operations(service)} - answered
    if missing:
        sys.exit(f"Not called: {', '.join(sorted(missing))}.")


def prove(gateway, call, options, disclosure):
    """That the disclosure stands in the register that was asked; as a witness of it, and as auditor of one's own."""
    asked = {"administrator": options.zbior.split("/")[0]}
    head = call("rejestr", "PobierzGlowe", **asked).glowa
    call("rejestr", "PobierzDowod", **asked, idZdarzenia=disclosure)
    call("rejestr", "PobierzDowodSpojnosci", **asked, odRozmiaru=1)
    call("rejestr", "PobierzWpisy", administrator=options.jednostka, od=1, ile=10)
    # A real witness first checks the proof that this head goes on from the last one it signed: `brama ledger witness`.
    signature, certificate = gateway.testify(head.tresc)
    shown = {"tresc": head.tresc, "podpisGlowy": head.podpis, "certyfikatGlowy": head.certyfikat}
    call("rejestr", "PoswiadczGlowe", **asked, **shown, podpis=signature, certyfikat=certificate)


def sign(gateway, call):
    """A letter under the seal of one's own unit, its time-stamp, and what both are worth."""
    sealed = call("podpis", "Opieczetuj", dokument=LETTER, nazwaPliku="pismo.xml", poziom="B")
    stamped = call("podpis", "ZnakujCzasem", dokument=gateway.content(sealed.dokument))
    report = call("podpis", "WeryfikujPodpis", dokument=gateway.content(stamped.dokument)).raport.Raport
    if report.werdykt != "TOTAL_PASSED":
        sys.exit(f"The seal is judged {report.werdykt} {report.przyczyna}.")


def fetch(call, order_id):
    """What the only set of an order answered."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        [answer] = call("udostepnianie", "PobierzOdpowiedz", idZlecenia=order_id).odpowiedz
        if answer.stan == "GOTOWA" and answer.wynik == "ZNALEZIONO":
            return answer
        if answer.stan != "W_TOKU":
            sys.exit(f"The order ended as {answer.stan} {answer.kod}.")
        time.sleep(0.25)
    sys.exit(f"The order is not answered after {PATIENCE} s.")


def without_set(question):
    return {name: part for name, part in question.items() if name != "zbior"}


def send_whole(call):
    label, file = batch.build()
    return call("zasilanie", "PrzekazPaczke", oznaczenie=label, zawartosc=file)


def send_in_parts(call):
    label, file = batch.build()
    begun = call("zasilanie", "RozpocznijPaczke", oznaczenie=label, zbior=batch.SET)
    # Two parts at least, to show how; the gateway says how large one may be.
    size = min(int(begun.rozmiarCzesci), len(file) // 2 + 1)
    parts = [file[at : at + size] for at in range(0, len(file), size)]
    for number, part in enumerate(parts, 1):
        call("zasilanie", "PrzekazCzesc", idPaczki=begun.idPaczki, numer=number, zawartosc=part)
    digests = [{"numer": number, "skrot": hashlib.sha256(part).digest()} for number, part in enumerate(parts, 1)]
    return call("zasilanie", "ZamknijPaczke", idPaczki=begun.idPaczki, czesc=digests)


def wait(call, batch_id):
    """The state in which the batch ended: a broken person is left out, the other one is in."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        state = call("zasilanie", "PobierzStatusPaczki", idPaczki=batch_id).stan
        if state == "ZAKONCZONA_Z_BLEDAMI":
            return state
        if state not in ("PRZYJETA", "PRZETWARZANA"):
            sys.exit(f"The batch ended as {state}.")
        time.sleep(0.25)
    sys.exit(f"The batch is not loaded after {PATIENCE} s.")


def protocol(call, batch_id):
    return call("zasilanie", "PobierzProtokol", idPaczki=batch_id, od=1, ile=100).protokol


def question(options):
    """Who is asked about, where and why."""
    return {
        "osoba": {"nazwisko": options.nazwisko, "pesel": options.pesel},
        "podstawaPrawna": options.podstawa,
        "przeznaczenie": options.przeznaczenie,
        "zbior": options.zbior,
    }


def scope(options):
    return {"pozycja": options.zakres.split(","), "przytnij": options.przytnij}


def show(answer):
    print(json.dumps(without_blanks(serialize_object(answer, dict)), indent=2, ensure_ascii=False, default=str))


def without_blanks(value):
    """The reply without the parts that it does not have."""
    if isinstance(value, dict):
        kept = {name: without_blanks(part) for name, part in value.items()}
        return {name: part for name, part in kept.items() if part not in (None, [], {})}
    if isinstance(value, list):
        return [without_blanks(part) for part in value]
    return value


VERBS = {"import": import_services, "ask": ask, "feed": feed, "fault": fault, "every": every}


def arguments():
    verbs = "; ".join(f"{name}: {verb.__doc__}" for name, verb in VERBS.items())
    parser = argparse.ArgumentParser(
        prog="run", description=__doc__, epilog=verbs, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="address of the gateway")
    parser.add_argument("--demo", type=Path, default="demo", help="folder of the demo: its keys and certificates")
    parser.add_argument("--soap", choices=("1.1", "1.2"), default="1.1", help="version of SOAP")
    parser.add_argument("--system", default="pomoc", help="the system that signs: its .key and .pem in that folder")
    parser.add_argument("--jednostka", default="OPS-BUSKO", help="the unit that asks")
    parser.add_argument("--uzytkownik", default="ops1", help="the official who asks")
    parser.add_argument("--nazwisko", default="Lipowa-Testowa")
    parser.add_argument("--pesel", default="85831541742")
    parser.add_argument("--zbior", default="PUP-BUSKO/ewidencja", help="the set that is asked")
    parser.add_argument("--podstawa", default="UPS-105", help="code of the legal basis")
    parser.add_argument("--przeznaczenie", default="ustalenie prawa do zasiłku okresowego", help="purpose")
    parser.add_argument("--zakres", default="1,2.1,6", help="scope items, separated by commas")
    parser.add_argument("--przytnij", action="store_true", help="leave out what is not granted instead of a refusal")
    return parser.parse_args()


if __name__ == "__main__":
    main()
