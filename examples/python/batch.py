"""A batch for the set OPS-BUSKO/pomoc: two invented persons, the second born on a day that does not exist."""

import datetime
import uuid

SET = "OPS-BUSKO/pomoc"

FILE = """<?xml version="1.0" encoding="UTF-8"?>
<z:Paczka xmlns:z="urn:brama:zasilanie:1" xmlns:b="urn:brama:beneficjent:1" oznaczenie="{label}" zbior="{set}"
          rodzaj="przyrostowa" stanNa="{day}" liczbaOsob="2" czesciowo="true">
  <z:Osoba idZrodlowe="PYTHON-1" operacja="zapis">
    <b:OsobaPS>
      <b:daneOsobowe>
        <b:nazwisko>Wężowa-Testowa</b:nazwisko><b:imie>Zofia</b:imie>
        <b:dataUrodzenia>1861-04-12</b:dataUrodzenia><b:plec>K</b:plec>
      </b:daneOsobowe>
      <b:informacjeOgolne><b:zarejestrowana>true</b:zarejestrowana></b:informacjeOgolne>
      <b:swiadczenie>
        <b:nazwa>zasiłek okresowy</b:nazwa><b:dataPoczatkowa>{day}</b:dataPoczatkowa>
        <b:kwotaBrutto>418.00</b:kwotaBrutto><b:kwotaNetto>418.00</b:kwotaNetto>
      </b:swiadczenie>
    </b:OsobaPS>
  </z:Osoba>
  <z:Osoba idZrodlowe="PYTHON-2" operacja="zapis">
    <b:OsobaPS>
      <b:daneOsobowe>
        <b:nazwisko>Wężowy-Testowy</b:nazwisko><b:imie>Jan</b:imie>
        <b:dataUrodzenia>1871-02-30</b:dataUrodzenia><b:plec>M</b:plec>
      </b:daneOsobowe>
      <b:informacjeOgolne><b:zarejestrowana>false</b:zarejestrowana></b:informacjeOgolne>
    </b:OsobaPS>
  </z:Osoba>
</z:Paczka>
"""


def build():
    """A label that no batch of this set has had, and the file under it."""
    label = f"PYTHON-{uuid.uuid4()}"
    return label, FILE.format(label=label, set=SET, day=datetime.date.today()).encode()
