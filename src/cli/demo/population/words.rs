//! Names, places and phrases of the demo: invented people in the real towns of powiat buski.

/// Adjectives that make surnames in the masculine form; the feminine ends in -a.
pub const SURNAMES: &[&str] = &[
    "Lipowy",
    "Polny",
    "Leśny",
    "Łąkowy",
    "Sosnowy",
    "Brzozowy",
    "Dębowy",
    "Kwiatowy",
    "Rzeczny",
    "Jesienny",
    "Wiosenny",
    "Zimowy",
    "Górny",
    "Dolny",
    "Słoneczny",
    "Księżycowy",
    "Gwiezdny",
    "Złoty",
    "Srebrny",
    "Miedziany",
    "Żelazny",
    "Kamienny",
    "Piaskowy",
    "Gliniany",
    "Źródlany",
    "Stawowy",
    "Jeziorny",
    "Żytny",
    "Pszeniczny",
    "Owsiany",
    "Makowy",
    "Różany",
    "Fiołkowy",
    "Wrzosowy",
    "Malinowy",
    "Jagodowy",
    "Wiśniowy",
    "Śliwkowy",
    "Gruszowy",
    "Jabłonny",
    "Bursztynowy",
    "Świetlny",
    "Chmurny",
    "Deszczowy",
    "Śnieżny",
    "Wietrzny",
    "Poranny",
    "Wieczorny",
    "Północny",
    "Południowy",
    "Wschodny",
    "Zachodny",
    "Środkowy",
    "Nadrzeczny",
    "Podleśny",
    "Zagórny",
    "Ćwierkowy",
];

pub const FEMALE_NAMES: &[&str] = &[
    "Anna",
    "Maria",
    "Katarzyna",
    "Małgorzata",
    "Agnieszka",
    "Barbara",
    "Ewa",
    "Krystyna",
    "Elżbieta",
    "Zofia",
    "Janina",
    "Teresa",
    "Joanna",
    "Magdalena",
    "Monika",
    "Jadwiga",
    "Danuta",
    "Irena",
    "Halina",
    "Helena",
    "Beata",
    "Aleksandra",
    "Marta",
    "Dorota",
    "Grażyna",
    "Bożena",
    "Stanisława",
    "Jolanta",
    "Urszula",
    "Wanda",
    "Alicja",
    "Łucja",
    "Żaneta",
    "Władysława",
    "Józefa",
    "Róża",
    "Stefania",
    "Genowefa",
    "Kazimiera",
    "Sława",
];

pub const MALE_NAMES: &[&str] = &[
    "Jan",
    "Andrzej",
    "Piotr",
    "Krzysztof",
    "Stanisław",
    "Tomasz",
    "Paweł",
    "Józef",
    "Marcin",
    "Marek",
    "Michał",
    "Grzegorz",
    "Jerzy",
    "Tadeusz",
    "Adam",
    "Łukasz",
    "Zbigniew",
    "Ryszard",
    "Dariusz",
    "Henryk",
    "Mariusz",
    "Kazimierz",
    "Wojciech",
    "Robert",
    "Mateusz",
    "Marian",
    "Rafał",
    "Jacek",
    "Janusz",
    "Mirosław",
    "Maciej",
    "Sławomir",
    "Jarosław",
    "Kamil",
    "Wiesław",
    "Roman",
    "Władysław",
    "Zdzisław",
    "Bolesław",
    "Świętosław",
];

pub const FOREIGN_FEMALE_NAMES: &[&str] = &["Oksana", "Natalia", "Olena", "Iryna", "Tamara", "Linh"];
pub const FOREIGN_MALE_NAMES: &[&str] = &["Mykoła", "Andrij", "Ołeksandr", "Giorgi", "Vasil", "Minh"];

/// A place: postal code, name, streets (villages have none).
pub type Place = (&'static str, &'static str, &'static [&'static str]);

pub const PLACES: &[Place] = &[
    (
        "28-100",
        "Busko-Zdrój",
        &[
            "Lipowa",
            "1 Maja",
            "Adama Mickiewicza",
            "Stefana Batorego",
            "Bohaterów Warszawy",
            "Mikołaja Kopernika",
            "Langiewicza",
            "Partyzantów",
            "Poprzeczna",
            "Sądowa",
            "Wojska Polskiego",
            "plac Zwycięstwa",
            "Kilińskiego",
            "Różana",
            "Łagiewnicka",
            "Źródlana",
        ],
    ),
    ("28-100", "Siesławice", &[]),
    ("28-100", "Zbludowice", &[]),
    ("28-100", "Owczary", &[]),
    ("28-100", "Radzanów", &[]),
    ("28-100", "Szczaworyż", &[]),
    ("28-100", "Widuchowa", &[]),
    ("28-114", "Gnojno", &[]),
    ("28-114", "Balice", &[]),
    ("28-114", "Raczyce", &[]),
    ("28-130", "Stopnica", &["Rynek", "Tadeusza Kościuszki", "Słoneczna", "Kazimierza Wielkiego"]),
    ("28-130", "Smogorzów", &[]),
    ("28-130", "Kąty Nowe", &[]),
    ("28-131", "Solec-Zdrój", &["1 Maja", "Leśna", "Partyzantów", "Krakowska"]),
    ("28-131", "Zborów", &[]),
    ("28-133", "Pacanów", &["Rynek", "Biechowska", "Radziwiłłówka", "Karska"]),
    ("28-133", "Biechów", &[]),
    ("28-133", "Książnice", &[]),
    ("28-136", "Nowy Korczyn", &["Rynek", "Farna", "Tarnowska", "Stopnicka"]),
    ("28-136", "Brzostków", &[]),
    ("28-136", "Strożyska", &[]),
    ("28-142", "Tuczępy", &[]),
    ("28-142", "Nieciesławice", &[]),
    ("28-160", "Wiślica", &["Rynek", "Długosza", "Złota", "Podwale"]),
    ("28-160", "Jurków", &[]),
    ("28-160", "Gorysławice", &[]),
];

pub const ABROAD: &[(&str, &str)] = &[
    ("Berlin, Niemcy", "Lindenallee"),
    ("Londyn, Wielka Brytania", "Elm Street"),
    ("Lwów, Ukraina", "wul. Szewczenki"),
];

pub const TRAININGS: &[&str] = &[
    "obsługa wózków jezdniowych",
    "księgowość od podstaw",
    "opiekun osób starszych",
    "spawanie metodą MAG",
    "obsługa kasy fiskalnej",
    "język angielski A2",
    "kucharz małej gastronomii",
    "operator koparko-ładowarki",
    "florystyka",
    "prawo jazdy kat. C",
    "masaż leczniczy",
    "grafika komputerowa",
];

pub const JOBS: &[(&str, &str)] = &[
    ("sprzedawca", "sprzedawca"),
    ("kucharz", "kucharz"),
    ("rehabilitant", "fizjoterapeuta"),
    ("pokojowa w sanatorium", "pokojowa"),
    ("magazynier", "magazynier"),
    ("kierowca samochodu dostawczego", "kierowca"),
    ("pracownik biurowy", "technik prac biurowych"),
    ("murarz", "murarz"),
    ("opiekunka środowiskowa", "opiekun"),
    ("ogrodnik", "ogrodnik terenów zieleni"),
    ("kelnerka", "kelner"),
    ("mechanik", "mechanik pojazdów samochodowych"),
];

pub const EMPLOYERS: &[&str] = &[
    "Uzdrowisko Testowe sp. z o.o.",
    "Sklep „U Testowej”",
    "Zakład Kamieniarski Testowy",
    "Gminna Spółdzielnia w Testowie",
    "Piekarnia Testowa & Syn",
    "Tartak „Dębina Testowa”",
    "Gospodarstwo Ogrodnicze Testowy",
    "Transport Testowy s.c.",
];

pub const EMPLOYMENT_KINDS: &[&str] =
    &["umowa o pracę", "umowa zlecenie", "umowa o dzieło", "staż", "prace interwencyjne"];
pub const OFFER_KINDS: &[&str] = &["oferta pracy", "prace interwencyjne", "roboty publiczne", "staż"];
pub const EDUCATION: &[&str] = &[
    "podstawowe",
    "gimnazjalne",
    "zasadnicze zawodowe",
    "średnie ogólnokształcące",
    "średnie zawodowe",
    "policealne",
    "wyższe",
];
pub const LICENCES: &[&str] = &[
    "prawo jazdy kat. B",
    "prawo jazdy kat. C+E",
    "uprawnienia UDT",
    "książeczka sanitarno-epidemiologiczna",
    "uprawnienia SEP do 1 kV",
];
pub const LANGUAGES: &[&str] = &["angielski", "niemiecki", "rosyjski", "ukraiński", "francuski"];
pub const LEVELS: &[&str] = &["A1", "A2", "B1", "B2", "C1"];
pub const SKILLS: &[&str] =
    &["obsługa komputera", "szycie", "prowadzenie sprzedaży", "praca w zespole", "obsługa terminala"];
pub const VISITS: &[&str] =
    &["potwierdzenie gotowości do pracy", "rozmowa z doradcą klienta", "złożenie dokumentów", "poradnictwo zawodowe"];
pub const VISIT_PLACES: &[&str] = &["pokój 3", "pokój 12", "sala obsługi, stanowisko 2", "filia w Stopnicy"];

pub const PS_STATUSES: &[&str] = &["korzystająca ze świadczeń", "w trakcie postępowania", "pomoc zakończona"];

/// Benefits of social assistance: name, lowest and highest amount in złoty; none for help in kind.
pub const PS_BENEFITS: &[(&str, Option<(u32, u32)>)] = &[
    ("zasiłek stały", Some((100, 1229))),
    ("zasiłek okresowy", Some((20, 505))),
    ("zasiłek celowy", Some((50, 900))),
    ("specjalny zasiłek celowy", Some((50, 1010))),
    ("zasiłek na ekonomiczne usamodzielnienie", Some((1000, 6000))),
    ("posiłek", None),
    ("usługi opiekuńcze", None),
    ("praca socjalna", None),
    ("schronienie", None),
    ("poradnictwo specjalistyczne", None),
];

/// Family benefits granted for a child, with the amount a month in grosze.
pub const CHILD_BENEFITS: &[(&str, u64)] = &[
    ("zasiłek rodzinny", 12_400),
    ("dodatek z tytułu samotnego wychowywania dziecka", 19_300),
    ("dodatek z tytułu wychowywania dziecka w rodzinie wielodzietnej", 9_500),
    ("dodatek z tytułu kształcenia i rehabilitacji dziecka niepełnosprawnego", 11_000),
    ("dodatek z tytułu rozpoczęcia roku szkolnego", 10_000),
];

/// Family benefits granted without a child.
pub const OWN_BENEFITS: &[(&str, u64)] = &[
    ("zasiłek pielęgnacyjny", 21_584),
    ("specjalny zasiłek opiekuńczy", 62_000),
    ("świadczenie pielęgnacyjne", 328_700),
];
