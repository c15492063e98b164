<?php
/**
 * WS-Security for a PHP SOAP client: signs Timestamp and Body with an X.509 key, verifies signed replies.
 *
 * Only what brama accepts is here: exclusive C14N, SHA-256, RSA (PKCS #1 v1.5) or ECDSA, the certificate as a
 * BinarySecurityToken. SOAP 1.1 and 1.2 differ only in the envelope's namespace.
 */

declare(strict_types=1);

const SOAP_ENVELOPES = ['http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope'];
const OASIS = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-';
const WSSE = OASIS . 'wssecurity-secext-1.0.xsd';
const WSU = OASIS . 'wssecurity-utility-1.0.xsd';
const X509_TOKEN = OASIS . 'x509-token-profile-1.0#X509v3';
const BASE64 = OASIS . 'soap-message-security-1.0#Base64Binary';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const ECDSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256';
const NAMESPACES = ['wsse' => WSSE, 'wsu' => WSU, 'ds' => DS];

/** The reply is not a fresh message signed by the gateway. */
final class NotTrusted extends RuntimeException
{
}

/** Signs as one domain system and believes only the gateway's own certificates. */
final class X509Signature
{
    /** Whether the last reply was signed; an unsigned one can only be a fault. */
    public bool $lastReplySigned = false;

    private OpenSSLAsymmetricKey $key;

    /** @var array<string, string> the gateway's certificates, PEM by fingerprint */
    private array $trusted = [];

    /** @param string[] $gatewayPems certificates that the gateway's operator gave us; no other is believed */
    public function __construct(
        string $keyPem,
        private string $certificatePem,
        array $gatewayPems,
        private int $lifetimeSeconds = 300,
        private int $skewSeconds = 60,
    ) {
        $this->key = openssl_pkey_get_private($keyPem) ?: throw new RuntimeException('The key cannot be read.');
        foreach ($gatewayPems as $pem) {
            $this->trusted[openssl_x509_fingerprint($pem, 'sha256')] = $pem;
        }
    }

    /** The request with a Security header: token, Timestamp and Signature. */
    public function sign(string $request): string
    {
        $document = parsed($request);
        $envelope = $document->documentElement;
        $body = one($document, '/env:Envelope/env:Body');
        $body->setAttributeNS(WSU, 'wsu:Id', 'body-' . bin2hex(random_bytes(16)));
        $header = found($document, '/env:Envelope/env:Header')[0]
            ?? $envelope->insertBefore($document->createElementNS($envelope->namespaceURI, "$envelope->prefix:Header"), $body);
        $security = add($header, 'wsse:Security');
        $security->setAttributeNS($envelope->namespaceURI, "$envelope->prefix:mustUnderstand", '1');

        $certificate = preg_replace('/-----[^-]+-----|\s/', '', $this->certificatePem);
        $token = add($security, 'wsse:BinarySecurityToken', ['ValueType' => X509_TOKEN, 'EncodingType' => BASE64], $certificate);
        $token->setAttributeNS(WSU, 'wsu:Id', 'token-' . bin2hex(random_bytes(16)));

        $timestamp = add($security, 'wsu:Timestamp');
        $timestamp->setAttributeNS(WSU, 'wsu:Id', 'time-' . bin2hex(random_bytes(16)));
        $now = time();
        add($timestamp, 'wsu:Created', [], gmdate('Y-m-d\TH:i:s\Z', $now));
        add($timestamp, 'wsu:Expires', [], gmdate('Y-m-d\TH:i:s\Z', $now + $this->lifetimeSeconds));

        $this->addSignature($security, [$timestamp, $body], $token);
        return $document->saveXML();
    }

    /** The key's signature of some bytes, as it stands in SignatureValue before Base64. */
    public function over(string $bytes): string
    {
        openssl_sign($bytes, $value, $this->key, OPENSSL_ALGO_SHA256);
        $details = openssl_pkey_get_details($this->key);
        return $details['type'] === OPENSSL_KEYTYPE_EC ? joined($value, $details['bits']) : $value;
    }

    /** The system's certificate in DER. */
    public function certificate(): string
    {
        return base64_decode(preg_replace('/-----[^-]+-----|\s/', '', $this->certificatePem));
    }

    /** @param DOMElement[] $parts */
    private function addSignature(DOMElement $security, array $parts, DOMElement $token): void
    {
        $elliptic = openssl_pkey_get_details($this->key)['type'] === OPENSSL_KEYTYPE_EC;

        $signature = add($security, 'ds:Signature');
        $info = add($signature, 'ds:SignedInfo');
        add($info, 'ds:CanonicalizationMethod', ['Algorithm' => EXCLUSIVE]);
        add($info, 'ds:SignatureMethod', ['Algorithm' => $elliptic ? ECDSA_SHA256 : RSA_SHA256]);
        foreach ($parts as $part) {
            $reference = add($info, 'ds:Reference', ['URI' => '#' . id($part)]);
            add(add($reference, 'ds:Transforms'), 'ds:Transform', ['Algorithm' => EXCLUSIVE]);
            add($reference, 'ds:DigestMethod', ['Algorithm' => SHA256]);
            add($reference, 'ds:DigestValue', [], digest($part));
        }
        add($signature, 'ds:SignatureValue', [], base64_encode($this->over(canonical($info))));
        $reference = add(add($signature, 'ds:KeyInfo'), 'wsse:SecurityTokenReference');
        add($reference, 'wsse:Reference', ['URI' => '#' . id($token), 'ValueType' => X509_TOKEN]);
    }

    /**
     * The reply, once it is known that the gateway signed exactly its Body and a fresh Timestamp.
     *
     * Faults before authentication are unsigned: they pass, marked by `lastReplySigned`.
     */
    public function verify(string $reply): string
    {
        $this->lastReplySigned = false;
        $document = parsed($reply);
        $body = one($document, '/env:Envelope/env:Body');
        if (!found($document, '/env:Envelope/env:Header/wsse:Security/ds:Signature')) {
            one($document, '/env:Envelope/env:Body/env:Fault', 'the reply is not signed');
            return $document->C14N();
        }
        $signature = one($document, '/env:Envelope/env:Header/wsse:Security/ds:Signature');
        $timestamp = one($document, '/env:Envelope/env:Header/wsse:Security/wsu:Timestamp');

        $info = one($signature, 'ds:SignedInfo');
        if (algorithms($info, 'ds:CanonicalizationMethod') !== [EXCLUSIVE]) {
            throw new NotTrusted('canonicalization method refused');
        }
        $this->checkValue($signature, $info);
        $signed = array_map(signedElement(...), found($info, 'ds:Reference'));
        // Identity of nodes, not equality of ids: a signed copy elsewhere in the message proves nothing about this Body.
        foreach ([$body, $timestamp] as $part) {
            if (!array_filter($signed, $part->isSameNode(...))) {
                throw new NotTrusted("$part->localName is not signed");
            }
        }
        $this->checkTime($timestamp);
        $this->lastReplySigned = true;
        // What was verified is what the caller reads: the canonical form, not the bytes that it was parsed from.
        return $document->C14N();
    }

    private function checkValue(DOMElement $signature, DOMElement $info): void
    {
        $reference = one($signature, 'ds:KeyInfo/wsse:SecurityTokenReference/wsse:Reference');
        $token = preg_replace('/\s/', '', byUri($reference)->textContent);
        $pem = "-----BEGIN CERTIFICATE-----\n" . chunk_split($token, 64, "\n") . "-----END CERTIFICATE-----\n";
        $certificate = $this->trusted[@openssl_x509_fingerprint($pem, 'sha256')]
            ?? throw new NotTrusted('the reply is signed by somebody else than the gateway');
        $key = openssl_pkey_get_public($certificate);
        $details = openssl_pkey_get_details($key);
        $value = base64_decode(one($signature, 'ds:SignatureValue')->textContent);
        $value = match ([algorithms($info, 'ds:SignatureMethod'), $details['type']]) {
            [[RSA_SHA256], OPENSSL_KEYTYPE_RSA] => $value,
            [[ECDSA_SHA256], OPENSSL_KEYTYPE_EC] => separated($value),
            default => throw new NotTrusted('signature method refused'),
        };
        if (openssl_verify(canonical($info), $value, $key, OPENSSL_ALGO_SHA256) !== 1) {
            throw new NotTrusted('the signature does not hold');
        }
    }

    private function checkTime(DOMElement $timestamp): void
    {
        $created = strtotime(one($timestamp, 'wsu:Created')->textContent);
        $expires = strtotime(one($timestamp, 'wsu:Expires')->textContent);
        $now = time();
        if (!$created || !$expires || $created - $this->skewSeconds > $now || $now > $expires + $this->skewSeconds) {
            throw new NotTrusted('the reply is too old or from the future');
        }
    }
}

/** The element that a Reference names, once its digest holds. */
function signedElement(DOMElement $reference): DOMElement
{
    if (algorithms($reference, 'ds:Transforms/ds:Transform') !== [EXCLUSIVE]
        || algorithms($reference, 'ds:DigestMethod') !== [SHA256]) {
        throw new NotTrusted('transform or digest method refused');
    }
    $element = byUri($reference);
    if (one($reference, 'ds:DigestValue')->textContent !== digest($element)) {
        throw new NotTrusted("$element->localName was changed after signing");
    }
    return $element;
}

/** The only element with the id that the reference's same-document URI names. */
function byUri(DOMElement $reference): DOMElement
{
    $uri = $reference->getAttribute('URI');
    $named = array_filter(found($reference->ownerDocument, '//*[@wsu:Id]'), fn ($element) => $uri === '#' . id($element));
    return count($named) === 1 ? reset($named) : throw new NotTrusted('a reference does not name exactly one element');
}

/** XML Signature wants r and s side by side, each as long as the curve's order; OpenSSL speaks DER. */
function joined(string $der, int $bits): string
{
    // SEQUENCE of two INTEGERs; for P-256 and P-384 every length fits one byte.
    $rest = substr($der, 2);
    $joined = '';
    while ($rest !== '') {
        $length = ord($rest[1]);
        $joined .= str_pad(ltrim(substr($rest, 2, $length), "\0"), intdiv($bits + 7, 8), "\0", STR_PAD_LEFT);
        $rest = substr($rest, 2 + $length);
    }
    return $joined;
}

/** The reverse of `joined`. */
function separated(string $joined): string
{
    $der = '';
    foreach (str_split($joined, max(1, intdiv(strlen($joined), 2))) as $number) {
        $number = ltrim($number, "\0");
        // An INTEGER is signed: a first bit of 1 would make it negative.
        $number = $number === '' || ord($number[0]) > 127 ? "\0$number" : $number;
        $der .= "\x02" . chr(strlen($number)) . $number;
    }
    return "\x30" . chr(strlen($der)) . $der;
}

function canonical(DOMElement $element): string
{
    // PHP's C14N of an element takes time with the square of its size; that of a document does not.
    $alone = new DOMDocument();
    $alone->appendChild($alone->importNode($element, true));
    return $alone->C14N(exclusive: true, withComments: false);
}

function digest(DOMElement $element): string
{
    return base64_encode(hash('sha256', canonical($element), true));
}

function id(DOMElement $element): string
{
    return $element->getAttributeNS(WSU, 'Id');
}

/** @return string[] the algorithms of the elements at `$path` */
function algorithms(DOMElement $parent, string $path): array
{
    return array_map(fn ($element) => $element->getAttribute('Algorithm'), found($parent, $path));
}

/** Puts an element at the end of `$parent`. */
function add(DOMElement $parent, string $name, array $attributes = [], string $text = ''): DOMElement
{
    $namespace = NAMESPACES[strstr($name, ':', true)];
    $element = $parent->appendChild($parent->ownerDocument->createElementNS($namespace, $name));
    foreach ($attributes as $attribute => $value) {
        $element->setAttribute($attribute, $value);
    }
    $element->textContent = $text;
    return $element;
}

/** A SOAP envelope without a DTD. */
function parsed(string $xml): DOMDocument
{
    $document = new DOMDocument();
    // libxml refuses text of more than 10 MB unless it is told otherwise; the gateway's limits are larger.
    if ($xml === '' || !@$document->loadXML($xml, LIBXML_NONET | LIBXML_PARSEHUGE) || $document->doctype !== null) {
        throw new NotTrusted('this is no XML, or it has a DTD');
    }
    if (!in_array($document->documentElement->namespaceURI, SOAP_ENVELOPES, true)) {
        throw new NotTrusted('this is no SOAP envelope');
    }
    return $document;
}

/** @return DOMElement[] the elements at `$path` */
function found(DOMNode $node, string $path): array
{
    $document = $node instanceof DOMDocument ? $node : $node->ownerDocument;
    $xpath = new DOMXPath($document);
    foreach (NAMESPACES + ['env' => $document->documentElement->namespaceURI] as $prefix => $namespace) {
        $xpath->registerNamespace($prefix, $namespace);
    }
    return iterator_to_array($xpath->query($path, $node), false);
}

/** The only element at `$path`. */
function one(DOMNode $node, string $path, ?string $otherwise = null): DOMElement
{
    $elements = found($node, $path);
    return count($elements) === 1 ? $elements[0] : throw new NotTrusted($otherwise ?? "not exactly one $path");
}
