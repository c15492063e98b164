import brama.beneficjent._1.OsobaPS;
import brama.wspolne._1.Plec;
import brama.zasilanie._1.Operacja;
import brama.zasilanie._1.Paczka;
import brama.zasilanie._1.RodzajPaczki;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.time.LocalDate;
import javax.xml.bind.JAXB;
import javax.xml.datatype.DatatypeConfigurationException;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.datatype.XMLGregorianCalendar;

/** A small incremental batch of the set OPS-BUSKO/pomoc: two invented persons, the second with a wrong PESEL. */
final class Batch {
    static final String SET = "OPS-BUSKO/pomoc";

    private Batch() {}

    /** The exchange file's bytes; `mark` is the batch's name, never used before by this system. */
    static byte[] build(String mark) {
        Paczka batch = new Paczka();
        batch.setOznaczenie(mark);
        batch.setZbior(SET);
        batch.setRodzaj(RodzajPaczki.PRZYROSTOWA);
        batch.setStanNa(day(LocalDate.now().toString()));
        batch.setCzesciowo(true); // good persons go in although others are refused
        batch.getOsoba().add(person("PS-JAVA-1", "Jaworowa-Testowa", "90850500180"));
        batch.getOsoba().add(person("PS-JAVA-2", "Grabowa-Testowa", "90850500204"));
        batch.setLiczbaOsob(BigInteger.valueOf(batch.getOsoba().size()));

        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        JAXB.marshal(batch, bytes);
        return bytes.toByteArray();
    }

    private static Paczka.Osoba person(String id, String surname, String pesel) {
        OsobaPS.DaneOsobowe personal = new OsobaPS.DaneOsobowe();
        personal.setNazwisko(surname);
        personal.setImie("Łucja");
        personal.setPesel(pesel);
        personal.setDataUrodzenia(day("1890-05-05"));
        personal.setPlec(Plec.K);
        OsobaPS.InformacjeOgolne general = new OsobaPS.InformacjeOgolne();
        general.setZarejestrowana(true);

        OsobaPS content = new OsobaPS();
        content.setDaneOsobowe(personal);
        content.setInformacjeOgolne(general);
        Paczka.Osoba person = new Paczka.Osoba();
        person.setIdZrodlowe(id);
        person.setOperacja(Operacja.ZAPIS);
        person.setOsobaPS(content);
        return person;
    }

    /** A date without a time zone, which the schemas do not allow. */
    static XMLGregorianCalendar day(String text) {
        try {
            return DatatypeFactory.newInstance().newXMLGregorianCalendar(text);
        } catch (DatatypeConfigurationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
