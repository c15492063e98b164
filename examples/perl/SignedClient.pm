package SignedClient;

# One service of the gateway: SOAP::Lite from the WSDL, with every request signed and every reply verified.

use v5.32;
use warnings;

use Crypt::Misc qw(random_v4uuid);
use MIME::Base64 qw(decode_base64 encode_base64);
use SOAP::Lite;
use Time::HiRes qw(sleep);

my %NAMESPACES = (
    w => 'urn:brama:wspolne:1',
    u => 'urn:brama:udostepnianie:1',
    z => 'urn:brama:zasilanie:1',
    r => 'urn:brama:rejestr:1',
    p => 'urn:brama:podpis:1',
);
# Codes after which the same request, signed anew, may succeed.
my %PASSING = map { $_ => 1 } qw(PRZECIAZENIE NIEDOSTEPNY LIMIT_PRZEKROCZONY);

# `prefix` is that of the service's elements.
sub new {
    my ($class, $wsdl, $prefix, $signature) = @_;
    my $soap = SOAP::Lite->service($wsdl);
    $soap->want_som(1);
    # What SOAP::Lite adds for the encoding of SOAP 1.1 §5 has no place in document/literal: types and encodingStyle.
    $soap->serializer(SignedClient::Serializer->new(autotype => 0, attr => {}));
    $soap->deserializer(SignedClient::Deserializer->new);
    $_->{signature} = $signature for $soap->serializer, $soap->deserializer;
    # A fault comes as an object; what the deserializer died of comes as text, with the whole reply behind it.
    $soap->on_fault(sub {
        my ($client, $fault) = @_;
        return $fault if ref $fault;
        die +($fault // 'No answer: ' . $client->transport->status) =~ s/\n.*//sr, "\n";
    });
    return bless {soap => $soap, prefix => $prefix, signature => $signature}, $class;
}

# Calls an operation and returns its answer; each try is signed anew, because a repeated signature is refused as a replay.
#
# Parameters are names and values in the schema's order; a value is a text or an array of the like.
sub ask {
    my ($self, $operation, $context, @parameters) = @_;
    # Chosen by the caller; a retry repeats it, so that one question has one effect.
    my %context = (idZadania => random_v4uuid(), %$context);
    my @kontekst = ("$self->{prefix}:kontekst" => [map { ("w:$_" => $context{$_}) } qw(idZadania jednostka uzytkownik)]);
    for (my $try = 1; ; $try++) {
        my $reply = eval { $self->{soap}->$operation(elements(@kontekst, @parameters)) };
        my $problem = $reply ? $self->refusal($reply, \%context) : $@;
        if (!$problem) {
            check_echo($reply->method->{kontekst}, \%context);
            return $reply->method;
        }
        my $passing = ref $problem ? $PASSING{$problem->{kod}} : $problem =~ /^No answer/;
        die $problem if $try == 3 || !$passing;
        sleep 0.25 * 2**$try;
    }
}

# The system's signature over a head (Base64) of another unit's register, and its certificate, both Base64.
sub testimony {
    my ($self, $head) = @_;
    my $value = encode_base64($self->{signature}->over(decode_base64($head)), '');
    return ('r:podpis' => $value, 'r:certyfikat' => $self->{signature}->certificate);
}

# The signature proves who answered; the echo proves that it is an answer to this question.
sub check_echo {
    my ($echo, $sent) = @_;
    for (qw(idZadania jednostka)) {
        ($echo->{$_} // '') eq $sent->{$_} or die "The reply cannot be believed: it answers another question.\n";
    }
    return;
}

# The gateway's fault, if the reply is one: decide by `kod`, never by the sentence.
sub refusal {
    my ($self, $reply, $sent) = @_;
    return if !$reply->fault;
    my $exception = $reply->valueof('//Wyjatek') // die 'A fault, but not of the gateway: ', $reply->faultstring // '', "\n";
    my $signed = $self->{signature}->last_reply_signed;
    check_echo($exception, $sent) if $signed;
    my @details = map { join ': ', grep { defined } @$_{qw(sciezka opis)} } $reply->valueof('//Wyjatek/szczegoly');
    return {%$exception{qw(kod komunikat idZdarzenia)}, szczegoly => \@details, signed => $signed};
}

# SOAP::Data for names with prefixes and their values; a reference to a hash in front of an array holds attributes.
sub elements {
    my @data;
    while (my ($name, $value) = splice @_, 0, 2) {
        my ($prefix, $local) = split /:/, $name;
        my $data = SOAP::Data->name($local)->prefix($prefix)->uri($NAMESPACES{$prefix});
        if (ref $value) {
            my @children = @$value;
            $data->attr(shift @children) if ref $children[0];
            $data->value(\SOAP::Data->value(elements(@children)));
        }
        else {
            # Without types SOAP::Lite writes a text as it is, `&` and `<` too.
            $data->value(SOAP::Utils::encode_data($value));
        }
        push @data, $data;
    }
    return @data;
}

# The place of the signing step: the serializer's envelope is what goes out.
package SignedClient::Serializer;

our @ISA = ('SOAP::Serializer');

sub envelope {
    my ($self, @parts) = @_;
    return $self->{signature}->sign($self->SUPER::envelope(@parts));
}

# The place of the verification: nothing but what was signed is read.
package SignedClient::Deserializer;

our @ISA = ('SOAP::Deserializer');

sub deserialize {
    my ($self, $reply) = @_;
    $reply =~ /^\s*</ or die 'No answer: ', $self->context->transport->status, "\n";
    return $self->SUPER::deserialize($self->{signature}->verify($reply));
}

1;
