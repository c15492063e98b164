package Batch;

# A small incremental batch for OPS-BUSKO/pomoc: one person who is stored and one whose PESEL has a wrong check digit.

use v5.32;
use utf8;
use warnings;

use POSIX qw(strftime);
use XML::LibXML;

use constant SET => 'OPS-BUSKO/pomoc';

my $B = 'urn:brama:beneficjent:1';
my $Z = 'urn:brama:zasilanie:1';
my @PERSONS = (
    ['PERL-1', 'Klon-Testowa', 'Wanda', '82912400062', '1882-11-24'],
    ['PERL-2', 'Wierzba-Testowa', 'Zofia', '76881500081', '1876-08-15'],
);

# The batch as a file; `czesciowo` lets the correct person in although the other one is refused.
sub file {
    my ($label) = @_;
    my $document = XML::LibXML::Document->new('1.0', 'UTF-8');
    my $batch = $document->createElementNS($Z, 'z:Paczka');
    $document->setDocumentElement($batch);
    $batch->setNamespace($B, 'b', 0);
    my %head = (oznaczenie => $label, zbior => SET, rodzaj => 'przyrostowa', stanNa => strftime('%Y-%m-%d', localtime),
        liczbaOsob => scalar @PERSONS, czesciowo => 'true');
    $batch->setAttribute($_ => $head{$_}) for sort keys %head;
    for (@PERSONS) {
        my ($id, $surname, $name, $pesel, $birth) = @$_;
        my $person = $batch->addNewChild($Z, 'z:Osoba');
        $person->setAttribute(idZrodlowe => $id);
        $person->setAttribute(operacja => 'zapis');
        write_into($person, OsobaPS => [
            daneOsobowe => [nazwisko => $surname, imie => $name, pesel => $pesel, dataUrodzenia => $birth, plec => 'K'],
            informacjeOgolne => [zarejestrowana => 'true'],
            swiadczenie => [nazwa => 'zasiłek okresowy', dataPoczatkowa => '2025-09-01', kwotaBrutto => '418.00'],
        ]);
    }
    return $document->toString;
}

sub write_into {
    my ($parent, @elements) = @_;
    while (my ($name, $content) = splice @elements, 0, 2) {
        my $element = $parent->addNewChild($B, "b:$name");
        ref $content ? write_into($element, @$content) : $element->appendText($content);
    }
    return;
}

1;
