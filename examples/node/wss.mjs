/** WS-Security for the npm package `soap`: its own signing, told what the gateway expects, and the reply's verification. */

import { X509Certificate, createPrivateKey, sign, verify as verifyBytes } from 'node:crypto';
import { DOMParser } from '@xmldom/xmldom';
import soap from 'soap';
import { SignedXml } from 'xml-crypto';

const OASIS = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-';
const WSSE = `${OASIS}wssecurity-secext-1.0.xsd`;
const WSU = `${OASIS}wssecurity-utility-1.0.xsd`;
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const ECDSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256';

/** How far the two clocks may be apart. */
const SKEW_MS = 60_000;

/** The reply is not a fresh message signed by the gateway. */
export class NotTrusted extends Error {}

/** ECDSA, which xml-crypto does not bring along. */
class EcdsaSha256 {
  getAlgorithmName() {
    return ECDSA_SHA256;
  }

  // XML Signature wants r and s side by side (RFC 6931 §2.3.6), which Node calls ieee-p1363.
  getSignature(info, { key }) {
    return sign('sha256', Buffer.from(info), { key, dsaEncoding: 'ieee-p1363' }).toString('base64');
  }

  verifySignature(info, key, value) {
    return verifyBytes('sha256', Buffer.from(info), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(value, 'base64'));
  }
}

/**
 * Signs one message: token, Timestamp and Body.
 *
 * One signer per message, because WSSecurityCert keeps what it signed first.
 */
export function signer(key, certificate) {
  const elliptic = createPrivateKey(key).asymmetricKeyType === 'ec';
  const security = new soap.WSSecurityCert(key, certificate, '', {
    hasTimeStamp: true,
    signatureAlgorithm: elliptic ? ECDSA_SHA256 : RSA_SHA256,
    digestAlgorithm: SHA256,
    // `wssecurity` writes wsu:Id; without it the references point at plain Id attributes.
    signerOptions: { prefix: 'ds', idMode: 'wssecurity' },
  });
  security.signer.SignatureAlgorithms[ECDSA_SHA256] = EcdsaSha256;
  return security;
}

/** Throws NotTrusted unless one of the gateway's `certificates` signed exactly this Body and a fresh Timestamp. */
export function verify(reply, certificates) {
  const envelope = parse(reply);
  if (!envelope.getElementsByTagNameNS(DS, 'Signature').length) throw new NotTrusted('the reply is not signed');
  const body = only(envelope, envelope.namespaceURI, 'Body');
  const security = only(only(envelope, envelope.namespaceURI, 'Header'), WSSE, 'Security');
  const timestamp = only(security, WSU, 'Timestamp');
  const signature = only(security, DS, 'Signature');

  // Only the certificates that the gateway's operator gave us; whatever else a reply brings is not believed.
  const token = only(security, WSSE, 'BinarySecurityToken').textContent.replace(/\s/g, '');
  const certificate = certificates.map((pem) => new X509Certificate(pem)).find((one) => one.raw.toString('base64') === token);
  if (!certificate) throw new NotTrusted('the reply is signed by somebody else than the gateway');

  check(reply, signature, certificate.toString());

  // xml-crypto refuses an id that two elements carry, so a reference to this id is a reference to this very element:
  // a signed copy elsewhere in the message proves nothing about the Body that is read.
  const signed = children(only(signature, DS, 'SignedInfo'), DS, 'Reference').map((one) => one.getAttribute('URI'));
  for (const part of [body, timestamp]) {
    const id = part.getAttributeNS(WSU, 'Id');
    if (!id || !signed.includes(`#${id}`)) throw new NotTrusted(`${part.localName} is not signed`);
  }

  const [created, expires] = ['Created', 'Expires'].map((name) => Date.parse(only(timestamp, WSU, name).textContent));
  const now = Date.now();
  if (!(created - SKEW_MS <= now && now <= expires + SKEW_MS)) {
    throw new NotTrusted('the reply is too old or from the future');
  }
}

/** The digests and the signature's value, by xml-crypto with a closed list of algorithms. */
function check(reply, signature, publicCert) {
  const signedXml = new SignedXml({ idMode: 'wssecurity', publicCert });
  signedXml.CanonicalizationAlgorithms = pick(signedXml.CanonicalizationAlgorithms, EXCLUSIVE);
  signedXml.HashAlgorithms = pick(signedXml.HashAlgorithms, SHA256);
  signedXml.SignatureAlgorithms = { ...pick(signedXml.SignatureAlgorithms, RSA_SHA256), [ECDSA_SHA256]: EcdsaSha256 };
  let holds;
  try {
    signedXml.loadSignature(signature);
    holds = signedXml.checkSignature(reply);
  } catch (error) {
    throw new NotTrusted(`the signature does not hold: ${error.message}`);
  }
  if (!holds) throw new NotTrusted('the reply was changed after signing');
}

function pick(algorithms, uri) {
  return { [uri]: algorithms[uri] };
}

function parse(xml) {
  const errorHandler = (_level, message) => {
    throw new NotTrusted(`the reply is no XML: ${message}`);
  };
  return new DOMParser({ errorHandler }).parseFromString(xml, 'text/xml').documentElement;
}

function children(parent, namespace, name) {
  return Array.from(parent.childNodes).filter((node) => node.namespaceURI === namespace && node.localName === name);
}

function only(parent, namespace, name) {
  const found = children(parent, namespace, name);
  if (found.length !== 1) throw new NotTrusted(`${parent.localName} has ${found.length} elements ${name} instead of one`);
  return found[0];
}
