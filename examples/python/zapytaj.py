#!/usr/bin/env python3
"""Asks the gateway about one person: `python3 examples/python/zapytaj.py --help`.

Signs with the key of the demo's system `pomoc`, verifies the reply's signature, compares the echo of what was asked,
tries again when the gateway is busy, and explains a fault.
"""

import argparse
import json
import os
import sys
import time
import uuid
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

try:
    import requests
    import zeep
    from zeep.exceptions import Fault

    from wss import NotTrusted, X509Signature
except ImportError as missing:
    # `make setup` puts the libraries into .venv; with that Python the example starts from any shell.
    python = REPOSITORY / ".venv/bin/python"
    if python.exists() and Path(sys.prefix).resolve() != (REPOSITORY / ".venv").resolve():
        os.execv(python, [str(python), *sys.argv])
    sys.exit(f"{missing}; run `make setup`, or: pip install -r {Path(__file__).with_name('requirements.txt')}")

COMMON = "{urn:brama:wspolne:1}"
#: Codes after which the same request, signed anew, may succeed.
PASSING = {"PRZECIAZENIE", "NIEDOSTEPNY", "LIMIT_PRZEKROCZONY"}


def main():
    options = arguments()
    pki = options.pki
    signature = X509Signature(
        (pki / f"{options.system}.key").read_bytes(),
        (pki / f"{options.system}.pem").read_bytes(),
        [(pki / name).read_bytes() for name in ("brama.pem", "brama-rsa.pem")],
    )
    session = requests.Session()
    if (pki / "ca.pem").exists():
        session.verify = str(pki / "ca.pem")
    transport = zeep.Transport(session=session, timeout=30, operation_timeout=30)
    client = zeep.Client(f"{options.url}/ws/udostepnianie?wsdl", transport=transport, wsse=signature)

    question = {
        "kontekst": {
            # Chosen by the caller; a retry repeats it, so that one question has one effect.
            "idZadania": str(uuid.uuid4()),
            "jednostka": options.jednostka,
            "uzytkownik": options.uzytkownik,
        },
        "osoba": {"nazwisko": options.nazwisko, "pesel": options.pesel},
        "podstawaPrawna": options.podstawa,
        "przeznaczenie": options.przeznaczenie,
        "zbior": options.zbior,
        "zakres": {"pozycja": options.zakres.split(","), "przytnij": options.przytnij},
    }
    try:
        answer = ask(client, question)
    except Fault as fault:
        sys.exit(explain(fault, signature, question["kontekst"]))
    except NotTrusted as reason:
        sys.exit(f"The reply cannot be believed: {reason}.")
    except (requests.RequestException, zeep.exceptions.TransportError) as reason:
        sys.exit(f"No answer from {options.url}: {reason}")

    check_echo(answer.kontekst, question["kontekst"])
    print(json.dumps(without_blanks(zeep.helpers.serialize_object(answer, dict)), indent=2, ensure_ascii=False, default=str))


def ask(client, question, tries=3):
    """One question with one idZadania; each try is signed anew, because a repeated signature is refused as a replay."""
    for left in reversed(range(tries)):
        try:
            return client.service.UdostepnijDaneOsoby(**question)
        except requests.RequestException:
            if not left:
                raise
        except Fault as fault:
            if not left or code(fault) not in PASSING:
                raise
        time.sleep(2 ** (tries - left) / 4)


def check_echo(echo, sent):
    """The signature proves who answered; the echo proves that it is an answer to this question."""
    if echo is None or echo.idZadania != sent["idZadania"] or echo.jednostka != sent["jednostka"]:
        sys.exit("The reply answers another question.")


def explain(fault, signature, sent):
    """The fault as text: code, sentence, details, and whether it can be believed."""
    lines = [f"{code(fault) or fault.code}: {fault.message}"]
    detail = exception(fault)
    if detail is not None:
        for one in detail.findall(f"{COMMON}szczegoly"):
            place = one.findtext(f"{COMMON}sciezka")
            lines.append("  " + (f"{place}: " if place else "") + (one.findtext(f"{COMMON}opis") or ""))
        lines.append(f"  event {detail.findtext(f'{COMMON}idZdarzenia')}")
    if not signature.last_reply_signed:
        lines.append("  (not signed: the gateway did not recognise the caller, or somebody else answered)")
    elif detail is not None and detail.findtext(f"{COMMON}idZadania") != sent["idZadania"]:
        lines.append("  (signed, but about another question)")
    return "\n".join(lines)


def exception(fault):
    """The `w:Wyjatek` inside the fault's detail."""
    return None if fault.detail is None else fault.detail.find(f"{COMMON}Wyjatek")


def code(fault):
    detail = exception(fault)
    return None if detail is None else detail.findtext(f"{COMMON}kod")


def without_blanks(value):
    """The reply without the parts that it does not have."""
    if isinstance(value, dict):
        kept = {name: without_blanks(part) for name, part in value.items()}
        return {name: part for name, part in kept.items() if part not in (None, [], {})}
    if isinstance(value, list):
        return [without_blanks(part) for part in value]
    return value


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--url", default="http://127.0.0.1:8080", help="address of the gateway")
    parser.add_argument("--pki", type=Path, default=REPOSITORY / "demo/pki", help="folder of keys and certificates")
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
