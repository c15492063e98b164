/** A small batch for the set OPS-BUSKO/pomoc: what a domain system exports. */

import { randomUUID } from 'node:crypto';

export const SET = 'OPS-BUSKO/pomoc';

/** Invented persons; the second one's PESEL has a wrong check digit. */
const PERSONS = [
  { id: 'NODE-1', surname: 'Jodłowa-Testowa', name: 'Barbara', pesel: '88841700127', born: '1888-04-17', sex: 'K' },
  { id: 'NODE-2', surname: 'Dębowy-Testowy', name: 'Adam', pesel: '76920500130', born: '1876-12-05', sex: 'M' },
];

/** A name that no batch has had: the same name with other content is refused. */
export function freshLabel() {
  return `NODE-${randomUUID()}`;
}

/** An incremental batch; `czesciowo` lets the right persons in when others have errors. */
export function batch(label) {
  const today = new Date().toISOString().slice(0, 10);
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>
<z:Paczka xmlns:z="urn:brama:zasilanie:1" xmlns:b="urn:brama:beneficjent:1" oznaczenie="${escape(label)}" zbior="${SET}"
  rodzaj="przyrostowa" stanNa="${today}" liczbaOsob="${PERSONS.length}" czesciowo="true">
${PERSONS.map(person).join('\n')}
</z:Paczka>
`);
}

function person({ id, surname, name, pesel, born, sex }) {
  return `  <z:Osoba idZrodlowe="${escape(id)}" operacja="zapis">
    <b:OsobaPS>
      <b:daneOsobowe>
        <b:nazwisko>${escape(surname)}</b:nazwisko>
        <b:imie>${escape(name)}</b:imie>
        <b:pesel>${escape(pesel)}</b:pesel>
        <b:dataUrodzenia>${born}</b:dataUrodzenia>
        <b:plec>${sex}</b:plec>
      </b:daneOsobowe>
      <b:informacjeOgolne>
        <b:zarejestrowana>true</b:zarejestrowana>
      </b:informacjeOgolne>
    </b:OsobaPS>
  </z:Osoba>`;
}

function escape(text) {
  return text.replace(/[<&"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
