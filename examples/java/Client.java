import brama.podpis._1.Opieczetuj;
import brama.podpis._1.Podpis;
import brama.podpis._1.Podpis_Service;
import brama.podpis._1.Poziom;
import brama.podpis._1.WeryfikujPodpis;
import brama.podpis._1.ZnakujCzasem;
import brama.raport_podpisu._1.Raport;
import brama.raport_podpisu._1.Werdykt;
import brama.rejestr._1.PobierzDowod;
import brama.rejestr._1.PobierzDowodSpojnosci;
import brama.rejestr._1.PobierzGlowe;
import brama.rejestr._1.PobierzWpisy;
import brama.rejestr._1.PodpisanaGlowa;
import brama.rejestr._1.PoswiadczGlowe;
import brama.rejestr._1.Rejestr;
import brama.rejestr._1.Rejestr_Service;
import brama.udostepnianie._1.OdpowiedzZlecenia;
import brama.udostepnianie._1.Osoba;
import brama.udostepnianie._1.PobierzOdpowiedz;
import brama.udostepnianie._1.PobierzZbiory;
import brama.udostepnianie._1.PytanieZlecenia;
import brama.udostepnianie._1.StanOdpowiedzi;
import brama.udostepnianie._1.UdostepnijDaneOsoby;
import brama.udostepnianie._1.Udostepnianie;
import brama.udostepnianie._1.Udostepnianie_Service;
import brama.udostepnianie._1.WeryfikujDaneOsoby;
import brama.udostepnianie._1.WeryfikujWystepowanieOsoby;
import brama.udostepnianie._1.ZlecUdostepnienie;
import brama.wspolne._1.Kontekst;
import brama.wspolne._1.KontekstSystemu;
import brama.wspolne._1.Wyjatek;
import brama.zasilanie._1.PobierzProtokol;
import brama.zasilanie._1.PobierzProtokolOdpowiedz;
import brama.zasilanie._1.PobierzStatusPaczki;
import brama.zasilanie._1.PrzekazCzesc;
import brama.zasilanie._1.PrzekazPaczke;
import brama.zasilanie._1.RozpocznijPaczke;
import brama.zasilanie._1.Stan;
import brama.zasilanie._1.ZamknijPaczke;
import brama.zasilanie._1.Zasilanie;
import brama.zasilanie._1.Zasilanie_Service;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.xml.namespace.QName;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.Service;
import javax.xml.ws.WebServiceException;
import javax.xml.ws.WebServiceFeature;
import javax.xml.ws.soap.AddressingFeature;
import javax.xml.ws.soap.MTOMFeature;

/** Asks about a person, feeds a batch, reads a fault, calls every operation; the script `run` builds and starts it. */
public final class Client {
    private static final String UNIT = "OPS-BUSKO";
    private static final String OFFICIAL = "ops1";
    private static final String ASKED = "PUP-BUSKO";
    /** Codes after which the same request, signed anew, may succeed. */
    private static final Set<String> PASSING = Set.of("PRZECIAZENIE", "NIEDOSTEPNY", "LIMIT_PRZEKROCZONY");
    private static final int TRIES = 3;
    private static final int POLLS = 100;
    private static final int POLL_MILLISECONDS = 200;
    private static final int TIMEOUT_MILLISECONDS = 20_000;

    /** JAX-WS alone knows no WS-SecurityPolicy and warns of it at every start; what the policy says, X509Signature does. */
    private static final Logger POLICY = Logger.getLogger("com.sun.xml.ws.policy");

    private final Udostepnianie disclosure;
    private final Zasilanie feeding;
    private final Rejestr register;
    private final Podpis documents;
    private final X509Signature signature;

    private Client(String url, Path demo, String soapVersion) throws Exception {
        signature = new X509Signature(demo.resolve("pki"), "pomoc");
        URL disclosureWsdl = new URL(url + "/ws/udostepnianie?wsdl");
        URL feedingWsdl = new URL(url + "/ws/zasilanie?wsdl");
        disclosure = port(new Udostepnianie_Service(disclosureWsdl), Udostepnianie.class, soapVersion, signature);
        URL registerWsdl = new URL(url + "/ws/rejestr?wsdl");
        register = port(new Rejestr_Service(registerWsdl), Rejestr.class, soapVersion, signature);
        URL documentsWsdl = new URL(url + "/ws/podpis?wsdl");
        documents = port(new Podpis_Service(documentsWsdl), Podpis.class, soapVersion, signature);
        feeding = port(new Zasilanie_Service(feedingWsdl), Zasilanie.class, soapVersion, signature);
    }

    /** The port is chosen by its name, because a service has one for each version of SOAP. */
    private static <P> P port(Service service, Class<P> type, String soapVersion, X509Signature signature) {
        QName name = service.getServiceName();
        String local = name.getLocalPart() + "Soap" + soapVersion.replace(".", "");
        // What the WSDL's policy offers as optional, JAX-WS would do unasked: then more than Body and Timestamp is to be signed.
        WebServiceFeature[] plain = {new AddressingFeature(false), new MTOMFeature(false)};
        P port = service.getPort(new QName(name.getNamespaceURI(), local), type, plain);
        BindingProvider provider = (BindingProvider) port;
        // Handlers see a request in this order and a reply in the reverse: the echo is compared once the reply is believed.
        provider.getBinding().setHandlerChain(List.of(new Echo(), signature));
        provider.getRequestContext().put("com.sun.xml.ws.connect.timeout", TIMEOUT_MILLISECONDS);
        provider.getRequestContext().put("com.sun.xml.ws.request.timeout", TIMEOUT_MILLISECONDS);
        return port;
    }

    public static void main(String[] arguments) throws Exception {
        // The names of people need UTF-8, whatever the locale says.
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
        POLICY.setLevel(Level.SEVERE);
        try {
            new Client(arguments[1], Path.of(arguments[2]), arguments[3]).run(arguments[0]);
        } catch (Exception problem) {
            System.err.println(problem);
            System.exit(1);
        }
    }

    private void run(String verb) throws Exception {
        try {
            switch (verb) {
                case "ask" -> ask();
                case "feed" -> feed();
                case "fault" -> fault();
                case "every" -> every();
                default -> throw new IllegalArgumentException("no such verb: " + verb);
            }
        } catch (brama.udostepnianie._1.Wyjatek | brama.zasilanie._1.Wyjatek | brama.rejestr._1.Wyjatek
                | brama.podpis._1.Wyjatek refusal) {
            System.err.print(Text.of(bean(refusal)));
            Object port = refusal instanceof brama.zasilanie._1.Wyjatek
                    ? feeding
                    : refusal instanceof brama.rejestr._1.Wyjatek
                            ? register
                            : refusal instanceof brama.podpis._1.Wyjatek ? documents : disclosure;
            if (!X509Signature.signed(port)) {
                System.err.println("(not signed: the gateway did not recognise the caller, or somebody else answered)");
            }
            System.exit(1);
        }
    }

    // Verbs

    private void ask() throws Exception {
        UdostepnijDaneOsoby question = question(true, "1.1", "2.1", "9");
        var answer = patiently(() -> disclosure.udostepnijDaneOsoby(question));
        System.out.print(Text.of(answer));
        System.out.println("OK UdostepnijDaneOsoby " + answer.getIdUdostepnienia());
    }

    private void feed() throws Exception {
        String id = feedAtOnce();
        Stan state = settled(id);
        System.out.print(Text.of(protocol(id)));
        expect(state == Stan.ZAKONCZONA_Z_BLEDAMI, "the batch ended as " + state);
        System.out.println("OK PrzekazPaczke " + id);
    }

    /** Section 9 is not granted; who does not say `przytnij` is refused. */
    private void fault() throws Exception {
        try {
            disclosure.udostepnijDaneOsoby(question(false, "1.1", "9"));
        } catch (brama.udostepnianie._1.Wyjatek refusal) {
            Wyjatek fault = refusal.getFaultInfo();
            expect(X509Signature.signed(disclosure), "the fault is not signed, so it proves nothing");
            System.out.print(Text.of(fault));
            System.out.println("FAULT " + fault.getKod());
            expect(fault.getKod().equals("ZAKRES_NIEDOZWOLONY"), "another fault was expected");
            return;
        }
        expect(false, "a fault was expected");
    }

    private void every() throws Exception {
        var disclosed = disclosure.udostepnijDaneOsoby(question(true, "1.1"));
        done("UdostepnijDaneOsoby");
        prove(disclosed.getIdUdostepnienia());

        WeryfikujWystepowanieOsoby presence = new WeryfikujWystepowanieOsoby();
        presence.setKontekst(official());
        presence.setOsoba(person("Żelazny-Testowy", "44901229139"));
        presence.setPodstawaPrawna("UPS-105");
        presence.setPrzeznaczenie("ustalenie prawa do zasiłku okresowego");
        presence.setZbior("PUP-BUSKO/ewidencja");
        disclosure.weryfikujWystepowanieOsoby(presence);
        done("WeryfikujWystepowanieOsoby");

        WeryfikujDaneOsoby.Porownanie values = new WeryfikujDaneOsoby.Porownanie();
        values.setImie("Sławomir Andrzej");
        values.setDataUrodzenia(Batch.day("1844-10-12"));
        WeryfikujDaneOsoby comparison = new WeryfikujDaneOsoby();
        comparison.setKontekst(official());
        comparison.setOsoba(presence.getOsoba());
        comparison.setPodstawaPrawna(presence.getPodstawaPrawna());
        comparison.setPrzeznaczenie(presence.getPrzeznaczenie());
        comparison.setZbior(presence.getZbior());
        comparison.setPorownanie(values);
        var compared = disclosure.weryfikujDaneOsoby(comparison);
        expect(compared.getPole().size() == 2, "two values were to be compared");
        done("WeryfikujDaneOsoby");

        PobierzZbiory sets = new PobierzZbiory();
        sets.setKontekst(official());
        expect(!disclosure.pobierzZbiory(sets).getZbior().isEmpty(), "no set is open to this unit");
        done("PobierzZbiory");

        UdostepnijDaneOsoby asked = question(true, "1.1");
        PytanieZlecenia.Zakres scope = new PytanieZlecenia.Zakres();
        scope.getPozycja().addAll(asked.getZakres().getPozycja());
        PytanieZlecenia one = new PytanieZlecenia();
        one.setZbior(asked.getZbior());
        one.setZakres(scope);
        ZlecUdostepnienie order = new ZlecUdostepnienie();
        order.setKontekst(official());
        order.setOsoba(asked.getOsoba());
        order.setPodstawaPrawna(asked.getPodstawaPrawna());
        order.setPrzeznaczenie(asked.getPrzeznaczenie());
        order.getPytanie().add(one);
        String ordered = disclosure.zlecUdostepnienie(order).getIdZlecenia();
        done("ZlecUdostepnienie");
        answered(ordered);
        done("PobierzOdpowiedz");
        sign();

        feedAtOnce();
        done("PrzekazPaczke");
        String id = feedInParts();
        settled(id);
        done("PobierzStatusPaczki");
        protocol(id);
        done("PobierzProtokol");
    }

    // Register

    /** That the disclosure stands in the register that was asked; as a witness of it, and as auditor of one's own. */
    private void prove(String id) throws Exception {
        PobierzGlowe newest = new PobierzGlowe();
        newest.setKontekst(official());
        newest.setAdministrator(ASKED);
        PodpisanaGlowa head = register.pobierzGlowe(newest).getGlowa();
        done("PobierzGlowe");

        PobierzDowod proof = new PobierzDowod();
        proof.setKontekst(official());
        proof.setAdministrator(ASKED);
        proof.setIdZdarzenia(id);
        register.pobierzDowod(proof);
        done("PobierzDowod");

        PobierzDowodSpojnosci growth = new PobierzDowodSpojnosci();
        growth.setKontekst(official());
        growth.setAdministrator(ASKED);
        growth.setOdRozmiaru(1);
        register.pobierzDowodSpojnosci(growth);
        done("PobierzDowodSpojnosci");

        PobierzWpisy entries = new PobierzWpisy();
        entries.setKontekst(official());
        entries.setAdministrator(UNIT);
        entries.setOd(1);
        entries.setIle(10);
        expect(!register.pobierzWpisy(entries).getPozycja().isEmpty(), "the own register has no entry");
        done("PobierzWpisy");

        // A real witness first checks the proof that this head goes on from the last one it signed: `brama ledger witness`.
        PoswiadczGlowe testimony = new PoswiadczGlowe();
        testimony.setKontekst(official());
        testimony.setAdministrator(ASKED);
        testimony.setTresc(head.getTresc());
        testimony.setPodpisGlowy(head.getPodpis());
        testimony.setCertyfikatGlowy(head.getCertyfikat());
        testimony.setPodpis(signature.over(head.getTresc()));
        testimony.setCertyfikat(signature.certificate());
        register.poswiadczGlowe(testimony);
        done("PoswiadczGlowe");
    }

    // Documents

    /** A letter under the seal of one's own unit, its time-stamp, and what both are worth. */
    private void sign() throws Exception {
        Opieczetuj letter = new Opieczetuj();
        letter.setKontekst(official());
        String text = "<pismo><tresc>Wzywa się do uzupełnienia wniosku.</tresc></pismo>";
        letter.setDokument(text.getBytes(StandardCharsets.UTF_8));
        letter.setNazwaPliku("pismo.xml");
        letter.setPoziom(Poziom.B);
        byte[] sealed = documents.opieczetuj(letter).getDokument();
        done("Opieczetuj");

        ZnakujCzasem stamp = new ZnakujCzasem();
        stamp.setKontekst(official());
        stamp.setDokument(sealed);
        byte[] stamped = documents.znakujCzasem(stamp).getDokument();
        done("ZnakujCzasem");

        WeryfikujPodpis question = new WeryfikujPodpis();
        question.setKontekst(official());
        question.setDokument(stamped);
        Raport report = documents.weryfikujPodpis(question).getRaport().getRaport();
        expect(report.getWerdykt() == Werdykt.TOTAL_PASSED, "the seal is judged " + report.getWerdykt());
        done("WeryfikujPodpis");
    }

    // Disclosure

    /** Waits until the only question of an order is answered, at most a minute. */
    private void answered(String order) throws Exception {
        PobierzOdpowiedz request = new PobierzOdpowiedz();
        request.setIdZlecenia(order);
        for (int poll = 0; poll < 240; poll++) {
            request.setKontekst(official());
            OdpowiedzZlecenia answer = disclosure.pobierzOdpowiedz(request).getOdpowiedz().get(0);
            if (answer.getStan() == StanOdpowiedzi.GOTOWA) {
                expect(answer.getDane() != null, "the order found nobody");
                return;
            }
            expect(answer.getStan() == StanOdpowiedzi.W_TOKU, "the order was refused");
            Thread.sleep(250);
        }
        expect(false, "the order is still not answered after a minute");
    }

    private static UdostepnijDaneOsoby question(boolean cut, String... items) {
        UdostepnijDaneOsoby.Zakres scope = new UdostepnijDaneOsoby.Zakres();
        scope.getPozycja().addAll(List.of(items));
        scope.setPrzytnij(cut);
        UdostepnijDaneOsoby question = new UdostepnijDaneOsoby();
        question.setKontekst(official());
        question.setOsoba(person("Lipowa-Testowa", "85831541742"));
        question.setPodstawaPrawna("UPS-105");
        question.setPrzeznaczenie("ustalenie prawa do zasiłku okresowego");
        question.setZbior("PUP-BUSKO/ewidencja");
        question.setZakres(scope);
        return question;
    }

    private static Osoba person(String surname, String pesel) {
        Osoba person = new Osoba();
        person.setNazwisko(surname);
        person.setPesel(pesel);
        return person;
    }

    private static Kontekst official() {
        Kontekst context = new Kontekst();
        // Chosen by the caller; a retry repeats it, so that one question has one effect.
        context.setIdZadania(UUID.randomUUID().toString());
        context.setJednostka(UNIT);
        context.setUzytkownik(OFFICIAL);
        return context;
    }

    // Feeding

    private String feedAtOnce() throws Exception {
        PrzekazPaczke request = new PrzekazPaczke();
        request.setKontekst(system());
        request.setOznaczenie(mark());
        request.setZawartosc(Batch.build(request.getOznaczenie()));
        return feeding.przekazPaczke(request).getIdPaczki();
    }

    private String feedInParts() throws Exception {
        RozpocznijPaczke start = new RozpocznijPaczke();
        start.setKontekst(system());
        start.setOznaczenie(mark());
        start.setZbior(Batch.SET);
        var started = feeding.rozpocznijPaczke(start);
        done("RozpocznijPaczke");

        ZamknijPaczke end = new ZamknijPaczke();
        end.setKontekst(system());
        end.setIdPaczki(started.getIdPaczki());
        byte[] content = Batch.build(start.getOznaczenie());
        int size = (int) started.getRozmiarCzesci();
        for (int from = 0; from < content.length; from += size) {
            PrzekazCzesc part = new PrzekazCzesc();
            part.setKontekst(system());
            part.setIdPaczki(started.getIdPaczki());
            part.setNumer(1 + from / size);
            part.setZawartosc(Arrays.copyOfRange(content, from, Math.min(from + size, content.length)));
            feeding.przekazCzesc(part);

            ZamknijPaczke.Czesc digest = new ZamknijPaczke.Czesc();
            digest.setNumer(part.getNumer());
            digest.setSkrot(MessageDigest.getInstance("SHA-256").digest(part.getZawartosc()));
            end.getCzesc().add(digest);
        }
        done("PrzekazCzesc");
        feeding.zamknijPaczke(end);
        done("ZamknijPaczke");
        return started.getIdPaczki();
    }

    /** Waits until the batch is processed. */
    private Stan settled(String id) throws Exception {
        for (int poll = 0; poll < POLLS; poll++) {
            PobierzStatusPaczki question = new PobierzStatusPaczki();
            question.setKontekst(system());
            question.setIdPaczki(id);
            Stan state = feeding.pobierzStatusPaczki(question).getStan();
            if (state != Stan.PRZYJETA && state != Stan.PRZETWARZANA) {
                return state;
            }
            Thread.sleep(POLL_MILLISECONDS);
        }
        throw new IllegalStateException("the batch is still being processed");
    }

    private PobierzProtokolOdpowiedz protocol(String id) throws Exception {
        PobierzProtokol question = new PobierzProtokol();
        question.setKontekst(system());
        question.setIdPaczki(id);
        question.setOd(1);
        question.setIle(100);
        return feeding.pobierzProtokol(question);
    }

    private static KontekstSystemu system() {
        KontekstSystemu context = new KontekstSystemu();
        context.setIdZadania(UUID.randomUUID().toString());
        context.setJednostka(UNIT);
        return context;
    }

    private static String mark() {
        return "JAVA-" + UUID.randomUUID();
    }

    // Failures

    /** One question with one idZadania; each try is signed anew, because a repeated signature is refused as a replay. */
    private static <A> A patiently(Callable<A> question) throws Exception {
        for (int pause = 500, tries = 1; ; pause *= 2, tries++) {
            try {
                return question.call();
            } catch (Exception problem) {
                if (tries == TRIES || !mayPass(problem)) {
                    throw problem;
                }
                Thread.sleep(pause);
            }
        }
    }

    private static boolean mayPass(Exception problem) {
        Wyjatek fault = bean(problem);
        boolean connection = problem instanceof WebServiceException && problem.getCause() instanceof IOException;
        return connection || fault != null && PASSING.contains(fault.getKod());
    }

    /** The typed detail of a fault: wsimport makes an exception for each service, all around one bean. */
    private static Wyjatek bean(Exception problem) {
        if (problem instanceof brama.udostepnianie._1.Wyjatek) {
            return ((brama.udostepnianie._1.Wyjatek) problem).getFaultInfo();
        }
        if (problem instanceof brama.podpis._1.Wyjatek) {
            return ((brama.podpis._1.Wyjatek) problem).getFaultInfo();
        }
        if (problem instanceof brama.rejestr._1.Wyjatek) {
            return ((brama.rejestr._1.Wyjatek) problem).getFaultInfo();
        }
        if (problem instanceof brama.zasilanie._1.Wyjatek) {
            return ((brama.zasilanie._1.Wyjatek) problem).getFaultInfo();
        }
        return null;
    }

    private static void done(String operation) {
        System.out.println("OK " + operation);
    }

    private static void expect(boolean condition, String otherwise) {
        if (!condition) {
            throw new IllegalStateException(otherwise);
        }
    }
}
