<?php
/**
 * A small incremental batch for OPS-BUSKO/pomoc: one person who is stored and one whose PESEL has a wrong check digit.
 */

declare(strict_types=1);

const SET = 'OPS-BUSKO/pomoc';

/** The batch as a file; `czesciowo` lets the correct person in although the other one is refused. */
function batch(string $label): string
{
    $persons = [
        'PHP-1' => ['Modrzew-Testowa', 'Barbara', '85901200021', '1885-10-12'],
        'PHP-2' => ['Grab-Testowa', 'Helena', '79870300049', '1879-07-03'],
    ];
    $xml = new XMLWriter();
    $xml->openMemory();
    $xml->startDocument('1.0', 'UTF-8');
    $xml->startElementNs('z', 'Paczka', 'urn:brama:zasilanie:1');
    $xml->writeAttribute('xmlns:b', 'urn:brama:beneficjent:1');
    $head = ['oznaczenie' => $label, 'zbior' => SET, 'rodzaj' => 'przyrostowa', 'stanNa' => date('Y-m-d'),
        'liczbaOsob' => (string) count($persons), 'czesciowo' => 'true'];
    foreach ($head as $name => $value) {
        $xml->writeAttribute($name, $value);
    }
    foreach ($persons as $id => [$surname, $name, $pesel, $birth]) {
        $xml->startElement('z:Osoba');
        $xml->writeAttribute('idZrodlowe', $id);
        $xml->writeAttribute('operacja', 'zapis');
        write($xml, ['OsobaPS' => [
            'daneOsobowe' => ['nazwisko' => $surname, 'imie' => $name, 'pesel' => $pesel, 'dataUrodzenia' => $birth, 'plec' => 'K'],
            'informacjeOgolne' => ['zarejestrowana' => 'true'],
            'swiadczenie' => ['nazwa' => 'zasiłek okresowy', 'dataPoczatkowa' => '2025-09-01', 'kwotaBrutto' => '418.00'],
        ]]);
        $xml->endElement();
    }
    $xml->endDocument();
    return $xml->outputMemory();
}

function write(XMLWriter $xml, array $elements): void
{
    foreach ($elements as $name => $content) {
        $xml->startElement("b:$name");
        is_array($content) ? write($xml, $content) : $xml->text($content);
        $xml->endElement();
    }
}
