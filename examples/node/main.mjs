/** What the example shows, verb by verb; see README.md. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SET, batch, freshLabel } from './batch.mjs';
import { Fault, Gateway, SERVICES } from './gateway.mjs';

const FINAL = new Set(['ZAKONCZONA', 'ZAKONCZONA_Z_BLEDAMI', 'ODRZUCONA']);
const POLLS = 60;
const POLL_MS = 500;

/** A question about the person of the examples; keys stand in the order of the schema. */
const ANNA = {
  osoba: { nazwisko: 'Lipowa-Testowa', pesel: '85831541742' },
  podstawaPrawna: 'UPS-105',
  przeznaczenie: 'ustalenie prawa do zasiłku okresowego',
  zbior: 'PUP-BUSKO/ewidencja',
};
const CUT = { attributes: { przytnij: 'true' }, pozycja: ['1.1', '2.1', '9'] };

const VERBS = {
  async import(gateway) {
    for (const service of SERVICES) {
      console.log(`IMPORTED ${service} ${Object.keys(await gateway.operations(service)).length}`);
    }
  },

  async ask(gateway) {
    const answer = await gateway.call('udostepnianie', 'UdostepnijDaneOsoby', { ...ANNA, zakres: CUT });
    show(answer);
    console.log(`OK UdostepnijDaneOsoby ${answer.idUdostepnienia}`);
  },

  async feed(gateway) {
    const label = freshLabel();
    const { idPaczki } = await gateway.call('zasilanie', 'PrzekazPaczke', whole(label));
    const { stan } = await finished(gateway, idPaczki);
    const { protokol } = await gateway.call('zasilanie', 'PobierzProtokol', { idPaczki, od: 1, ile: 100 });
    show(protokol);
    console.log(`OK PrzekazPaczke ${idPaczki} ${stan}`);
  },

  async fault(gateway) {
    try {
      await gateway.call('udostepnianie', 'UdostepnijDaneOsoby', { ...ANNA, zakres: { pozycja: ['1.1', '9'] } });
    } catch (error) {
      if (!(error instanceof Fault) || error.doubt) throw error;
      explain(error, console.log);
      console.log(`FAULT ${error.code}`);
      if (error.code === 'ZAKRES_NIEDOZWOLONY') return;
    }
    throw new Error('ZAKRES_NIEDOZWOLONY was expected');
  },

  async every(gateway) {
    const call = async (service, operation, request) => {
      const answer = await gateway.call(service, operation, request);
      console.log(`OK ${operation}`);
      return answer;
    };
    await call('udostepnianie', 'PobierzZbiory');
    await call('udostepnianie', 'WeryfikujWystepowanieOsoby', ANNA);
    await call('udostepnianie', 'WeryfikujDaneOsoby', { ...ANNA, porownanie: { imie: 'Anna', dataUrodzenia: '1885-03-15' } });
    const { idUdostepnienia } = await call('udostepnianie', 'UdostepnijDaneOsoby', { ...ANNA, zakres: CUT });

    const asked = { administrator: 'PUP-BUSKO' };
    const { glowa } = await call('rejestr', 'PobierzGlowe', asked);
    await call('rejestr', 'PobierzDowod', { ...asked, idZdarzenia: idUdostepnienia });
    await call('rejestr', 'PobierzDowodSpojnosci', { ...asked, odRozmiaru: 1 });
    await call('rejestr', 'PobierzWpisy', { administrator: 'OPS-BUSKO', od: 1, ile: 10 });
    // A real witness first checks the proof that this head goes on from the last one it signed: `brama ledger witness`.
    const shown = { tresc: glowa.tresc, podpisGlowy: glowa.podpis, certyfikatGlowy: glowa.certyfikat };
    await call('rejestr', 'PoswiadczGlowe', { ...asked, ...shown, ...gateway.testify(glowa.tresc) });

    const { zbior, ...aboutAnna } = ANNA;
    const { idZlecenia } = await call('udostepnianie', 'ZlecUdostepnienie', { ...aboutAnna, pytanie: [{ zbior, zakres: CUT }] });
    await answered(call, idZlecenia);

    const letter = Buffer.from('<pismo><tresc>Wzywa się do uzupełnienia wniosku.</tresc></pismo>').toString('base64');
    const sealed = await call('podpis', 'Opieczetuj', { dokument: letter, nazwaPliku: 'pismo.xml', poziom: 'B' });
    const stamped = await call('podpis', 'ZnakujCzasem', { dokument: sealed.dokument });
    const { raport } = await call('podpis', 'WeryfikujPodpis', { dokument: stamped.dokument });
    if (raport.Raport.werdykt !== 'TOTAL_PASSED') throw new Error(`the seal is judged ${raport.Raport.werdykt}`);

    await call('zasilanie', 'PrzekazPaczke', whole(freshLabel()));
    const label = freshLabel();
    const { idPaczki, rozmiarCzesci } = await call('zasilanie', 'RozpocznijPaczke', { oznaczenie: label, zbior: SET });
    const part = batch(label);
    if (part.length > Number(rozmiarCzesci)) throw new Error('the batch is larger than one part');
    await call('zasilanie', 'PrzekazCzesc', { idPaczki, numer: 1, zawartosc: part.toString('base64') });
    const digest = createHash('sha256').update(part).digest('base64');
    await call('zasilanie', 'ZamknijPaczke', { idPaczki, czesc: [{ numer: 1, skrot: digest }] });
    await finished(gateway, idPaczki);
    await call('zasilanie', 'PobierzStatusPaczki', { idPaczki });
    await call('zasilanie', 'PobierzProtokol', { idPaczki, od: 1, ile: 100 });
  },
};

/** Waits until the only question of an order is answered. */
async function answered(call, idZlecenia) {
  for (let poll = 0; poll < POLLS; poll++) {
    const { odpowiedz } = await call('udostepnianie', 'PobierzOdpowiedz', { idZlecenia });
    const [answer] = [].concat(odpowiedz);
    if (answer.stan === 'GOTOWA' && answer.wynik === 'ZNALEZIONO') return;
    if (answer.stan !== 'W_TOKU') throw new Error(`the order ${idZlecenia} ended as ${answer.stan}`);
    await sleep(POLL_MS);
  }
  throw new Error(`the order ${idZlecenia} is not answered after ${(POLLS * POLL_MS) / 1000} s`);
}

/** A batch in one message. */
function whole(label) {
  return { oznaczenie: label, zawartosc: batch(label).toString('base64') };
}

/** The batch's status once it is in the set, or refused. */
async function finished(gateway, idPaczki) {
  for (let poll = 0; poll < POLLS; poll++) {
    const status = await gateway.call('zasilanie', 'PobierzStatusPaczki', { idPaczki });
    if (FINAL.has(status.stan)) return status;
    await sleep(POLL_MS);
  }
  throw new Error(`the batch ${idPaczki} is not processed after ${(POLLS * POLL_MS) / 1000} s`);
}

function show(answer) {
  console.log(JSON.stringify(answer, null, 2));
}

function explain(fault, print) {
  print(`${fault.code}: ${fault.message}`);
  for (const line of fault.details()) print(`  ${line}`);
  if (fault.exception) print(`  event ${fault.exception.idZdarzenia}`);
  if (fault.doubt) print(`  (cannot be believed: ${fault.doubt})`);
}

function options() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: 'string', default: 'http://127.0.0.1:8080' },
      demo: { type: 'string', default: 'demo' },
      soap: { type: 'string', default: '1.1' },
    },
  });
  const verb = VERBS[positionals[0]];
  if (!verb || positionals.length > 1 || !['1.1', '1.2'].includes(values.soap)) {
    throw new Error(`usage: run ${Object.keys(VERBS).join('|')} [--url URL] [--demo FOLDER] [--soap 1.1|1.2]`);
  }
  return { verb, ...values };
}

try {
  const { verb, url, demo, soap } = options();
  const pem = (name) => readFileSync(join(demo, 'pki', name), 'utf8');
  await verb(
    new Gateway({
      url,
      version: soap,
      caller: { key: pem('pomoc.key'), certificate: pem('pomoc.pem') },
      trusted: [pem('brama.pem'), pem('brama-rsa.pem')],
      context: { jednostka: 'OPS-BUSKO', uzytkownik: 'ops1' },
    }),
  );
} catch (error) {
  if (error instanceof Fault) explain(error, console.error);
  else console.error(error.message);
  process.exitCode = 1;
}
