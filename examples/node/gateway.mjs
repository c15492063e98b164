/** The gateway as a caller sees it: every call is signed, its reply verified and its echo compared. */

import { X509Certificate, randomUUID, sign } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import soap from 'soap';
import { NotTrusted, signer, verify } from './wss.mjs';

export const SERVICES = ['podpis', 'rejestr', 'udostepnianie', 'zasilanie'];

const TRIES = 3;
const TIMEOUT_MS = 30_000;
/** Codes after which the same request, signed anew, may succeed. */
const PASSING = new Set(['PRZECIAZENIE', 'NIEDOSTEPNY', 'LIMIT_PRZEKROCZONY']);

/** What the gateway refused: the `w:Wyjatek` of a fault's detail, and why it cannot be believed, if so. */
export class Fault extends Error {
  constructor(fault, doubt) {
    const exception = (fault.detail ?? fault.Detail)?.Wyjatek;
    // Without Wyjatek: SOAP's own faults (VersionMismatch, MustUnderstand), 1.1 or 1.2.
    super(exception?.komunikat ?? text(fault.faultstring ?? fault.Reason?.Text));
    this.code = exception?.kod ?? text(fault.faultcode ?? fault.Code?.Value);
    this.exception = exception;
    this.doubt = doubt;
  }

  /** One line per violation: where, and what. */
  details() {
    return [this.exception?.szczegoly ?? []].flat().map(({ sciezka, opis }) => (sciezka ? `${sciezka}: ${opis}` : opis));
  }
}

export class Gateway {
  /**
   * `caller` has the PEMs `key` and `certificate`, `trusted` the gateway's certificates,
   * `context` the unit and the official that ask; `version` is SOAP's, 1.1 or 1.2.
   */
  constructor({ url, version, caller, trusted, context }) {
    Object.assign(this, { url, version, caller, trusted, context });
    this.clients = {};
  }

  /** The client that the package makes of the service's WSDL. */
  async client(service) {
    this.clients[service] ??= await soap.createClientAsync(`${this.url}/ws/${service}?wsdl`, {
      forceSoap12Headers: this.version === '1.2',
    });
    return this.clients[service];
  }

  /** The operations of a service, by the port of the chosen SOAP version: a WSDL may have ports of both. */
  async operations(service) {
    const client = await this.client(service);
    const name = `${service}Soap${this.version.replace('.', '')}`;
    const port = client[service]?.[name];
    if (!port) throw new Error(`the WSDL of ${service} has no port ${name}`);
    return port;
  }

  /** One call with one idZadania; each try is signed anew, because a repeated signature is refused as a replay. */
  async call(service, operation, request = {}) {
    const context = { idZadania: randomUUID(), ...this.context };
    for (let tried = 1; ; tried++) {
      try {
        return await this.#once(service, operation, context, request);
      } catch (error) {
        if (tried === TRIES || !(PASSING.has(error.code) || error.unanswered)) throw error;
      }
      await sleep(250 * 2 ** tried);
    }
  }

  /** The system's signature over a head of another unit's register, and its certificate; all of it Base64. */
  testify(head) {
    const { key, certificate } = this.caller;
    return {
      podpis: sign('sha256', Buffer.from(head, 'base64'), { key, dsaEncoding: 'ieee-p1363' }).toString('base64'),
      certyfikat: new X509Certificate(certificate).raw.toString('base64'),
    };
  }

  async #once(service, operation, context, request) {
    const method = (await this.operations(service))[operation];
    (await this.client(service)).setSecurity(signer(this.caller.key, this.caller.certificate));
    const { error, answer, reply } = await new Promise((resolve) => {
      // The package writes elements in the order of the object's keys: kontekst comes first.
      const message = { kontekst: context, ...request };
      method(message, (error, answer, reply) => resolve({ error, answer, reply }), { timeout: TIMEOUT_MS });
    });
    if (error) throw this.#refusal(error, context);
    verify(reply, this.trusted);
    checkEcho(answer.kontekst, context);
    return answer;
  }

  /** What the package calls an error is a fault, an answer that is no SOAP, or no answer at all. */
  #refusal(error, context) {
    const fault = error.root?.Envelope?.Body?.Fault;
    if (fault) {
      const doubt = this.#doubt(error.body, fault, context);
      return new Fault(fault, doubt);
    }
    if (error.response) return new Error(`HTTP ${error.response.status}: ${error.body}`);
    return Object.assign(new Error(`no answer from ${this.url}: ${error.message}`), { unanswered: true });
  }

  /** Why a fault cannot be believed; before it knows its caller the gateway answers unsigned. */
  #doubt(reply, fault, context) {
    try {
      verify(reply, this.trusted);
      checkEcho((fault.detail ?? fault.Detail)?.Wyjatek, context);
      return undefined;
    } catch (error) {
      return error.message;
    }
  }
}

/** The signature proves who answered; the echo proves that it is an answer to this question. */
function checkEcho(echo, { idZadania, jednostka }) {
  if (echo?.idZadania !== idZadania || echo?.jednostka !== jednostka) {
    throw new NotTrusted('the reply answers another question');
  }
}

/** An element's text; the package makes an object of an element with attributes. */
function text(element) {
  return element?.$value ?? element;
}
