// The verbs of the example: what the domain system of a social-assistance unit asks and feeds.
#include <chrono>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <thread>
#include <vector>

#include <openssl/sha.h>

#include "gateway.hpp"

namespace {

using Documents = podpisSoap11Proxy;
using Disclosure = udostepnianieSoap11Proxy;
using Feeding = zasilanieSoap11Proxy;
using Register = rejestrSoap11Proxy;

const char SYSTEM[] = "pomoc";
const char UNIT[] = "OPS-BUSKO";
const char OFFICIAL[] = "ops1";
const char ASKED[] = "PUP-BUSKO";
const char FED_SET[] = "OPS-BUSKO/pomoc";

void ok(const char* operation, const std::string& result = "") {
  std::cout << "OK " << operation << (result.empty() ? "" : " ") << result << std::endl;
}

/// Code and sentence, every detail with its place, and what to quote to the operator.
std::string explain(const Refusal& refusal) {
  std::string lines = refusal.what() + std::string("\n");
  for (const auto& one : refusal.detail.szczegoly)
    lines += "  " + (one.sciezka ? *one.sciezka + ": " : "") + one.opis + "\n";
  return lines + "  event " + refusal.detail.idZdarzenia + "\n" + (refusal.is_signed ? "" : "  (not signed)\n");
}

// Questions

/// An optional element is a pointer in the generated classes.
std::string* text(Gateway& gateway, const std::string& value) {
  std::string* const kept = soap_new_std__string(gateway.soap);
  *kept = value;
  return kept;
}

w__Kontekst* official(Gateway& gateway) {
  return soap_new_req_w__Kontekst(gateway.soap, gateway.new_id(), UNIT, OFFICIAL);
}

const char ASKED_SET[] = "PUP-BUSKO/ewidencja";

/// What is said of Anna Lipowa-Testowa, whom the demo's labour office knows, whichever sets are asked.
template <class Question>
Question naming_anna(Gateway& gateway) {
  Question question;
  question.kontekst = official(gateway);
  question.osoba = soap_new_u__Osoba(gateway.soap);
  question.osoba->nazwisko = text(gateway, "Lipowa-Testowa");
  question.osoba->pesel = text(gateway, "85831541742");
  question.podstawaPrawna = "UPS-105";
  question.przeznaczenie = "ustalenie prawa do zasiłku okresowego";
  return question;
}

/// A question about her in one set.
template <class Question>
Question about_anna(Gateway& gateway) {
  auto question = naming_anna<Question>(gateway);
  question.zbior = ASKED_SET;
  return question;
}

/// Items 1.1 and 2.1 are granted to the unit, section 9 is not: it is left out when `cut`, else the question is refused.
_u__UdostepnijDaneOsobyOdpowiedz disclose(Gateway& gateway, bool cut) {
  auto question = about_anna<_u__UdostepnijDaneOsoby>(gateway);
  question.zakres.pozycja = {"1.1", "2.1", "9"};
  question.zakres.przytnij = &cut;
  return gateway.call(&Disclosure::UdostepnijDaneOsoby, question);
}

void ask(Gateway& gateway) {
  const auto reply = disclose(gateway, true);
  gateway.print_reply();
  ok("UdostepnijDaneOsoby", reply.idUdostepnienia);
}

void fault(Gateway& gateway) {
  try {
    disclose(gateway, false);
  } catch (const Refusal& refusal) {
    std::cout << explain(refusal);
    // A program decides by the code, and only when the fault is signed.
    if (!refusal.is_signed || refusal.detail.kod != "ZAKRES_NIEDOZWOLONY")
      throw std::runtime_error("another refusal was expected, signed by the gateway");
    std::cout << "FAULT " << refusal.detail.kod << std::endl;
    return;
  }
  throw std::runtime_error("a scope that is not granted was disclosed");
}

void check_presence(Gateway& gateway) {
  auto question = about_anna<_u__WeryfikujWystepowanieOsoby>(gateway);
  gateway.call(&Disclosure::WeryfikujWystepowanieOsoby, question);
  ok("WeryfikujWystepowanieOsoby");
}

void compare(Gateway& gateway) {
  auto question = about_anna<_u__WeryfikujDaneOsoby>(gateway);
  question.porownanie.imie = text(gateway, "Anna");
  question.porownanie.dataUrodzenia = text(gateway, "1885-03-15");
  gateway.call(&Disclosure::WeryfikujDaneOsoby, question);
  ok("WeryfikujDaneOsoby");
}

void list_sets(Gateway& gateway) {
  _u__PobierzZbiory question;
  question.kontekst = official(gateway);
  gateway.call(&Disclosure::PobierzZbiory, question);
  ok("PobierzZbiory");
}

/// Orders, and asks until the only question is answered, at most a minute.
void order(Gateway& gateway) {
  bool cut = true;
  u__PytanieZlecenia asked;
  asked.zbior = ASKED_SET;
  asked.zakres.pozycja = {"1.1", "2.1", "9"};
  asked.zakres.przytnij = &cut;
  auto question = naming_anna<_u__ZlecUdostepnienie>(gateway);
  question.pytanie.push_back(&asked);
  const std::string id = gateway.call(&Disclosure::ZlecUdostepnienie, question).idZlecenia;
  ok("ZlecUdostepnienie");
  for (int tries = 0; tries < 120; tries++) {
    _u__PobierzOdpowiedz fetch;
    fetch.kontekst = official(gateway);
    fetch.idZlecenia = id;
    const auto* const answer = gateway.call(&Disclosure::PobierzOdpowiedz, fetch).odpowiedz.at(0);
    if (answer->stan == u__StanOdpowiedzi::GOTOWA) return ok("PobierzOdpowiedz");
    if (answer->stan != u__StanOdpowiedzi::W_USCORETOKU) throw std::runtime_error("the order was refused");
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  throw std::runtime_error("the order is not answered within a minute");
}

// Feeds

w__KontekstSystemu* feeder(Gateway& gateway) {
  return soap_new_req_w__KontekstSystemu(gateway.soap, gateway.new_id(), UNIT);
}

xsd__base64Binary binary(Gateway& gateway, const std::string& bytes) {
  xsd__base64Binary value;
  value.__size = static_cast<int>(bytes.size());
  value.__ptr = static_cast<unsigned char*>(soap_malloc(gateway.soap, bytes.size()));
  std::memcpy(value.__ptr, bytes.data(), bytes.size());
  return value;
}

xsd__base64Binary sha256(Gateway& gateway, const std::string& bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(&digest[0]));
  return binary(gateway, digest);
}

std::string person(const std::string& id, const std::string& surname, const std::string& name, const std::string& pesel,
                   const std::string& born, const std::string& sex) {
  return "<z:Osoba idZrodlowe=\"" + id + "\" operacja=\"zapis\"><b:OsobaPS><b:daneOsobowe><b:nazwisko>" + surname +
         "</b:nazwisko><b:imie>" + name + "</b:imie><b:pesel>" + pesel + "</b:pesel><b:dataUrodzenia>" + born +
         "</b:dataUrodzenia><b:plec>" + sex + "</b:plec></b:daneOsobowe><b:informacjeOgolne><b:zarejestrowana>true" +
         "</b:zarejestrowana></b:informacjeOgolne></b:OsobaPS></z:Osoba>";
}

/// Two invented persons; the check digit of the second one's PESEL is wrong. `czesciowo` lets the first one in.
std::string batch(const std::string& mark) {
  char today[sizeof "2026-01-01"];
  const time_t now = std::time(nullptr);
  std::strftime(today, sizeof today, "%F", std::gmtime(&now));
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<z:Paczka xmlns:z=\"urn:brama:zasilanie:1\""
         " xmlns:b=\"urn:brama:beneficjent:1\" oznaczenie=\"" + mark + "\" zbior=\"" + FED_SET +
         "\" rodzaj=\"przyrostowa\" stanNa=\"" + today + "\" liczbaOsob=\"2\" czesciowo=\"true\">" +
         person("CPP-1", "Dębowy-Testowy", "Krzysztof", "76891401532", "1876-09-14", "M") +
         person("CPP-2", "Jodłowa-Testowa", "Zofia", "63822202780", "1863-02-22", "K") + "</z:Paczka>\n";
}

std::string send(Gateway& gateway) {
  _z__PrzekazPaczke request;
  request.kontekst = feeder(gateway);
  request.oznaczenie = "CPP-" + gateway.new_id();
  request.zawartosc = binary(gateway, batch(request.oznaczenie));
  return gateway.call(&Feeding::PrzekazPaczke, request).idPaczki;
}

/// The same kind of batch in two parts, closed by a signed list of their digests.
std::string send_in_parts(Gateway& gateway) {
  _z__RozpocznijPaczke start;
  start.kontekst = feeder(gateway);
  start.oznaczenie = "CPP-" + gateway.new_id();
  start.zbior = FED_SET;
  const std::string id = gateway.call(&Feeding::RozpocznijPaczke, start).idPaczki;
  ok("RozpocznijPaczke");

  const std::string whole = batch(start.oznaczenie);
  const size_t half = whole.size() / 2;
  _z__ZamknijPaczke close;
  for (const std::string& bytes : {whole.substr(0, half), whole.substr(half)}) {
    _z__PrzekazCzesc part;
    part.kontekst = feeder(gateway);
    part.idPaczki = id;
    part.numer = static_cast<LONG64>(close.czesc.size()) + 1;
    part.zawartosc = binary(gateway, bytes);
    gateway.call(&Feeding::PrzekazCzesc, part);
    close.czesc.emplace_back();
    close.czesc.back().numer = part.numer;
    close.czesc.back().skrot = sha256(gateway, bytes);
  }
  ok("PrzekazCzesc");

  close.kontekst = feeder(gateway);
  close.idPaczki = id;
  gateway.call(&Feeding::ZamknijPaczke, close);
  ok("ZamknijPaczke");
  return id;
}

/// Asks for the batch's state until it is final, a minute at most.
z__Stan wait(Gateway& gateway, const std::string& id) {
  for (int tries = 0; tries < 120; tries++) {
    _z__PobierzStatusPaczki question;
    question.kontekst = feeder(gateway);
    question.idPaczki = id;
    const z__Stan state = gateway.call(&Feeding::PobierzStatusPaczki, question).stan;
    if (state >= z__Stan::ZAKONCZONA) return state;
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  throw std::runtime_error("the batch is not loaded within a minute");
}

z__Protokol* protocol(Gateway& gateway, const std::string& id) {
  _z__PobierzProtokol question;
  question.kontekst = feeder(gateway);
  question.idPaczki = id;
  question.od = 1;
  question.ile = 100;
  return gateway.call(&Feeding::PobierzProtokol, question).protokol;
}

/// A question about a register.
template <class Question>
Question about(Gateway& gateway, const char* administrator) {
  Question question;
  question.kontekst = official(gateway);
  question.administrator = administrator;
  return question;
}

/// That the disclosure stands in the register that was asked; as a witness of it, and as auditor of one's own.
void prove(Gateway& gateway, const std::string& disclosure) {
  auto newest = about<_r__PobierzGlowe>(gateway, ASKED);
  const auto head = gateway.call(&Register::PobierzGlowe, newest).glowa;
  ok("PobierzGlowe");

  auto proof = about<_r__PobierzDowod>(gateway, ASKED);
  proof.idZdarzenia = disclosure;
  gateway.call(&Register::PobierzDowod, proof);
  ok("PobierzDowod");

  auto growth = about<_r__PobierzDowodSpojnosci>(gateway, ASKED);
  growth.odRozmiaru = 1;
  gateway.call(&Register::PobierzDowodSpojnosci, growth);
  ok("PobierzDowodSpojnosci");

  auto entries = about<_r__PobierzWpisy>(gateway, UNIT);
  entries.od = 1;
  entries.ile = 10;
  gateway.call(&Register::PobierzWpisy, entries);
  ok("PobierzWpisy");

  // A real witness first checks the proof that this head goes on from the last one it signed: `brama ledger witness`.
  auto testimony = about<_r__PoswiadczGlowe>(gateway, ASKED);
  testimony.tresc = head->tresc;
  testimony.podpisGlowy = head->podpis;
  testimony.certyfikatGlowy = head->certyfikat;
  const std::string bytes(reinterpret_cast<const char*>(head->tresc.__ptr), static_cast<size_t>(head->tresc.__size));
  testimony.podpis = binary(gateway, gateway.sign_bytes(bytes));
  testimony.certyfikat = binary(gateway, gateway.certificate());
  gateway.call(&Register::PoswiadczGlowe, testimony);
  ok("PoswiadczGlowe");
}

/// A letter under the seal of one's own unit, its time-stamp, and what both are worth.
void sign(Gateway& gateway) {
  p__Poziom level = p__Poziom::B;
  _p__Opieczetuj letter;
  letter.kontekst = official(gateway);
  letter.dokument = binary(gateway, "<pismo><tresc>Wzywa się do uzupełnienia wniosku.</tresc></pismo>");
  letter.nazwaPliku = "pismo.xml";
  letter.poziom = &level;
  _p__ZnakujCzasem stamp;
  stamp.dokument = gateway.call(&Documents::Opieczetuj, letter).dokument;
  ok("Opieczetuj");

  _p__WeryfikujPodpis question;
  stamp.kontekst = official(gateway);
  question.dokument = gateway.call(&Documents::ZnakujCzasem, stamp).dokument;
  ok("ZnakujCzasem");

  question.kontekst = official(gateway);
  const auto* const report = gateway.call(&Documents::WeryfikujPodpis, question).raport;
  if (report->rp__Raport->werdykt != rp__Werdykt::TOTAL_USCOREPASSED) throw std::runtime_error("the seal is not believed");
  ok("WeryfikujPodpis");
}

void feed(Gateway& gateway) {
  const std::string id = send(gateway);
  const z__Stan state = wait(gateway, id);
  const z__Protokol* const report = protocol(gateway, id);
  const char* const name = soap_z__Stan2s(gateway.soap, state);
  std::cout << report->oznaczenie << ' ' << name << ": " << report->podsumowanie->liczbaOsob << " persons, "
            << report->podsumowanie->odrzucono << " refused\n";
  for (const auto& one : report->usterka)
    std::cout << "  " << soap_z__Waga2s(gateway.soap, one.waga) << ' ' << one.kod << ' '
              << (one.idZrodlowe ? *one.idZrodlowe : "") << ' ' << (one.sciezka ? *one.sciezka : "") << ": " << one.opis
              << '\n';
  if (state != z__Stan::ZAKONCZONA_USCOREZ_USCOREBLEDAMI || report->podsumowanie->odrzucono != 1)
    throw std::runtime_error("one person of two should have been refused");
  ok("PrzekazPaczke", id + ' ' + name);
}

void every(Gateway& gateway) {
  list_sets(gateway);
  check_presence(gateway);
  compare(gateway);
  order(gateway);
  const std::string disclosure = disclose(gateway, true).idUdostepnienia;
  ok("UdostepnijDaneOsoby");
  prove(gateway, disclosure);
  sign(gateway);
  send(gateway);
  ok("PrzekazPaczke");
  const std::string id = send_in_parts(gateway);
  wait(gateway, id);
  ok("PobierzStatusPaczki");
  protocol(gateway, id);
  ok("PobierzProtokol");
}

}  // namespace

int main(int count, char** words) try {
  const std::map<std::string, std::function<void(Gateway&)>> verbs = {
      {"ask", ask}, {"feed", feed}, {"fault", fault}, {"every", every}};
  if (count != 4 || !verbs.count(words[1])) throw std::runtime_error("usage: client ask|feed|fault|every URL PKI");
  Gateway gateway(words[2], words[3], SYSTEM);
  verbs.at(words[1])(gateway);
} catch (const Refusal& refusal) {
  std::cerr << explain(refusal);
  return 1;
} catch (const NotTrusted& reason) {
  std::cerr << "The reply cannot be believed: " << reason.what() << ".\n";
  return 1;
} catch (const std::exception& reason) {
  std::cerr << reason.what() << '\n';
  return 1;
}
