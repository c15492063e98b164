package X509Signature;

# WS-Security for a Perl SOAP client: signs Timestamp and Body with an X.509 key, verifies signed replies.
#
# Only what brama accepts is here: exclusive C14N, SHA-256, RSA (PKCS #1 v1.5) or ECDSA, the certificate as a
# BinarySecurityToken. SOAP 1.1 and 1.2 differ only in the envelope's namespace.

use v5.32;
use warnings;

use Crypt::PK::ECC;
use Crypt::PK::RSA;
use Crypt::PRNG qw(random_bytes);
use Digest::SHA qw(sha256_base64);
use Encode qw(encode_utf8);
use MIME::Base64 qw(decode_base64 encode_base64);
use POSIX qw(strftime);
use Time::Local qw(timegm);
use XML::LibXML;

use constant {
    LIFETIME_SECONDS => 300,
    SKEW_SECONDS => 60,
    SOAP_ENVELOPES => ['http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope'],
    OASIS => 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-',
    EXCLUSIVE => 'http://www.w3.org/2001/10/xml-exc-c14n#',
    SHA256 => 'http://www.w3.org/2001/04/xmlenc#sha256',
    RSA_SHA256 => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    ECDSA_SHA256 => 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256',
};
use constant {
    X509_TOKEN => OASIS . 'x509-token-profile-1.0#X509v3',
    BASE64 => OASIS . 'soap-message-security-1.0#Base64Binary',
};

my %NAMESPACES = (
    wsse => OASIS . 'wssecurity-secext-1.0.xsd',
    wsu => OASIS . 'wssecurity-utility-1.0.xsd',
    ds => 'http://www.w3.org/2000/09/xmldsig#',
);

# `key` and `certificate` are PEM files of the system that asks; `gateway` are the certificates that the gateway's
# operator gave us: whatever else a reply brings is not believed.
sub new {
    my ($class, %files) = @_;
    return bless {
        certificate => base64_of($files{certificate}),
        key => key_of($files{key}),
        trusted => {map { base64_of($_) => key_of($_) } @{$files{gateway}}},
        last_reply_signed => 0,
    }, $class;
}

# Whether the last reply was signed; an unsigned one can only be a fault.
sub last_reply_signed { return shift->{last_reply_signed} }

# The system's certificate, Base64 of its DER.
sub certificate { return shift->{certificate} }

# The key's signature of some bytes, as it stands in SignatureValue before Base64.
sub over {
    my ($self, $bytes) = @_;
    return $self->{key}->sign_message($bytes, 'SHA256', 'v1.5') if $self->{key}->isa('Crypt::PK::RSA');
    # XML Signature wants r and s of ECDSA side by side, not as DER: so does RFC 7518.
    return $self->{key}->sign_message_rfc7518($bytes, 'SHA256');
}

# Requests

# The request with a Security header: token, Timestamp and Signature.
sub sign {
    my ($self, $request) = @_;
    my $document = parsed(encode_utf8($request));
    my $envelope = $document->documentElement;
    my $soap = $envelope->prefix;
    my $body = one($document, '/env:Envelope/env:Body');
    set_id($body, 'body');
    my ($header) = found($document, '/env:Envelope/env:Header');
    if (!$header) {
        $header = $document->createElementNS($envelope->namespaceURI, "$soap:Header");
        $envelope->insertBefore($header, $body);
    }
    my $security = add($header, 'wsse:Security');
    $security->setAttributeNS($envelope->namespaceURI, "$soap:mustUnderstand", '1');

    my $token = add($security, 'wsse:BinarySecurityToken', {ValueType => X509_TOKEN, EncodingType => BASE64}, $self->{certificate});
    set_id($token, 'token');
    my $timestamp = add($security, 'wsu:Timestamp');
    set_id($timestamp, 'time');
    my $now = time;
    add($timestamp, 'wsu:Created', {}, strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $now));
    add($timestamp, 'wsu:Expires', {}, strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $now + LIFETIME_SECONDS));

    $self->add_signature($security, $token, $timestamp, $body);
    return $envelope->toString;
}

sub add_signature {
    my ($self, $security, $token, @parts) = @_;
    my $rsa = $self->{key}->isa('Crypt::PK::RSA');
    my $signature = add($security, 'ds:Signature');
    my $info = add($signature, 'ds:SignedInfo');
    add($info, 'ds:CanonicalizationMethod', {Algorithm => EXCLUSIVE});
    add($info, 'ds:SignatureMethod', {Algorithm => $rsa ? RSA_SHA256 : ECDSA_SHA256});
    for my $part (@parts) {
        my $reference = add($info, 'ds:Reference', {URI => '#' . id($part)});
        add(add($reference, 'ds:Transforms'), 'ds:Transform', {Algorithm => EXCLUSIVE});
        add($reference, 'ds:DigestMethod', {Algorithm => SHA256});
        add($reference, 'ds:DigestValue', {}, digest($part));
    }
    add($signature, 'ds:SignatureValue', {}, encode_base64($self->over(canonical($info)), ''));
    my $reference = add(add($signature, 'ds:KeyInfo'), 'wsse:SecurityTokenReference');
    add($reference, 'wsse:Reference', {URI => '#' . id($token), ValueType => X509_TOKEN});
    return;
}

# Replies

# The reply's Body in its envelope, once it is known that the gateway signed exactly it and a fresh Timestamp.
#
# Faults before authentication are unsigned: they pass, marked by `last_reply_signed`.
sub verify {
    my ($self, $reply) = @_;
    $self->{last_reply_signed} = 0;
    my $document = parsed($reply);
    my $body = one($document, '/env:Envelope/env:Body');
    if (!found($document, '/env:Envelope/env:Header/wsse:Security/ds:Signature')) {
        found($document, '/env:Envelope/env:Body/env:Fault') or not_trusted('the reply is not signed');
        return alone($document, $body);
    }
    my $signature = one($document, '/env:Envelope/env:Header/wsse:Security/ds:Signature');
    my $timestamp = one($document, '/env:Envelope/env:Header/wsse:Security/wsu:Timestamp');

    my $info = one($signature, 'ds:SignedInfo');
    algorithms($info, 'ds:CanonicalizationMethod') eq EXCLUSIVE or not_trusted('canonicalization method refused');
    $self->check_value($signature, $info);
    my @signed = map { signed_element($_) } found($info, 'ds:Reference');
    # Identity of nodes, not equality of ids: a signed copy elsewhere in the message proves nothing about this Body.
    for my $part ($body, $timestamp) {
        grep { $part->isSameNode($_) } @signed or not_trusted($part->localname . ' is not signed');
    }
    check_time($timestamp);
    $self->{last_reply_signed} = 1;
    return alone($document, $body);
}

sub check_value {
    my ($self, $signature, $info) = @_;
    my $token = by_uri(one($signature, 'ds:KeyInfo/wsse:SecurityTokenReference/wsse:Reference'));
    my $key = $self->{trusted}{$token->textContent =~ s/\s//gr}
        or not_trusted('the reply is signed by somebody else than the gateway');
    my $method = algorithms($info, 'ds:SignatureMethod');
    my $value = decode_base64(one($signature, 'ds:SignatureValue')->textContent);
    my $holds = $method eq RSA_SHA256 && $key->isa('Crypt::PK::RSA')
        ? eval { $key->verify_message($value, canonical($info), 'SHA256', 'v1.5') }
        : $method eq ECDSA_SHA256 && $key->isa('Crypt::PK::ECC')
        ? eval { $key->verify_message_rfc7518($value, canonical($info), 'SHA256') }
        : not_trusted('signature method refused');
    $holds or not_trusted('the signature does not hold');
    return;
}

# The element that a Reference names, once its digest holds.
sub signed_element {
    my ($reference) = @_;
    algorithms($reference, 'ds:Transforms/ds:Transform') eq EXCLUSIVE && algorithms($reference, 'ds:DigestMethod') eq SHA256
        or not_trusted('transform or digest method refused');
    my $element = by_uri($reference);
    one($reference, 'ds:DigestValue')->textContent eq digest($element)
        or not_trusted($element->localname . ' was changed after signing');
    return $element;
}

sub check_time {
    my ($timestamp) = @_;
    my ($created, $expires) = map { moment(one($timestamp, "wsu:$_")->textContent) } qw(Created Expires);
    $created - SKEW_SECONDS <= time && time <= $expires + SKEW_SECONDS
        or not_trusted('the reply is too old or from the future');
    return;
}

sub moment {
    my ($text) = @_;
    my ($year, $month, @rest) = $text =~ /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z$/
        or not_trusted('a moment is not in universal time');
    my ($day, $hour, $minute, $second) = @rest;
    return timegm($second, $minute, $hour, $day, $month - 1, $year);
}

# The canonical envelope with nothing but the Body: SOAP::Lite finds elements by local name alone, so that another
# `Body` beside the verified one could be read in its place.
sub alone {
    my ($document, $body) = @_;
    $_->unbindNode for grep { !$_->isSameNode($body) } $document->documentElement->childNodes;
    return $document->toStringC14N(0);
}

# XML

# A SOAP envelope without a DTD, from bytes.
sub parsed {
    my ($xml) = @_;
    my $document = eval { XML::LibXML->load_xml(string => $xml, no_network => 1, load_ext_dtd => 0, expand_entities => 0, huge => 1) };
    $document && !$document->internalSubset or not_trusted('this is no XML, or it has a DTD');
    my $namespace = $document->documentElement->namespaceURI // '';
    grep { $_ eq $namespace } @{+SOAP_ENVELOPES} or not_trusted('this is no SOAP envelope');
    return $document;
}

# The elements at `path`.
sub found {
    my ($node, $path) = @_;
    my $context = XML::LibXML::XPathContext->new($node);
    $context->registerNs($_ => $NAMESPACES{$_}) for keys %NAMESPACES;
    $context->registerNs(env => $node->ownerDocument->documentElement->namespaceURI);
    return $context->findnodes($path);
}

# The only element at `path`.
sub one {
    my ($node, $path) = @_;
    my @elements = found($node, $path);
    @elements == 1 or not_trusted("not exactly one $path");
    return $elements[0];
}

# The only element with the id that the reference's same-document URI names.
sub by_uri {
    my ($reference) = @_;
    my $uri = $reference->getAttribute('URI') // '';
    my @named = grep { $uri eq '#' . id($_) } found($reference->ownerDocument, '//*[@wsu:Id]');
    @named == 1 or not_trusted('a reference does not name exactly one element');
    return $named[0];
}

# The algorithms of the elements at `path`, of which there is one when all is well.
sub algorithms {
    my ($parent, $path) = @_;
    return join ' ', map { $_->getAttribute('Algorithm') // '' } found($parent, $path);
}

# Puts an element at the end of `parent`.
sub add {
    my ($parent, $name, $attributes, $text) = @_;
    my $element = $parent->addNewChild($NAMESPACES{$name =~ s/:.*//r}, $name);
    $element->setAttribute($_ => $attributes->{$_}) for sort keys %{$attributes // {}};
    $element->appendText($text) if defined $text;
    return $element;
}

sub id { return shift->getAttributeNS($NAMESPACES{wsu}, 'Id') }

sub set_id {
    my ($element, $word) = @_;
    $element->setAttributeNS($NAMESPACES{wsu}, 'wsu:Id', "$word-" . unpack 'H*', random_bytes(16));
    return;
}

sub digest {
    my $digest = sha256_base64(canonical(@_));
    return $digest . '=' x (-length($digest) % 4);
}

# libxml's C14N of an element takes time with the square of its size; that of a document does not.
sub canonical {
    my ($element) = @_;
    my $alone = XML::LibXML::Document->new;
    $alone->setDocumentElement($alone->importNode($element));
    return encode_utf8($alone->toStringEC14N(0));
}

# Keys and certificates

# A private key, or the public key of a certificate.
sub key_of {
    my ($file) = @_;
    return eval { Crypt::PK::RSA->new($file) } // Crypt::PK::ECC->new($file);
}

sub base64_of {
    my ($file) = @_;
    open my $pem, '<', $file or die "no $file; `make run` makes it\n";
    return join '', map { s/\s//gr } grep { !/^-----/ } <$pem>;
}

sub not_trusted { die "The reply cannot be believed: $_[0].\n" }

1;
