//! The one error type that may leave a room: a stable code, a Polish sentence and details, never a value.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

/// Why a request was refused or failed.
///
/// `public` and `details` are for the caller and never hold a value taken from the request;
/// `cause` is for the log alone.
#[derive(Debug)]
pub struct Problem {
    pub code: Code,
    pub public: Cow<'static, str>,
    pub details: Vec<Detail>,
    pub cause: Option<Box<dyn Error + Send + Sync>>,
}

/// One violation or explanation inside a [`Problem`]; positions count from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detail {
    pub line: Option<u32>,
    pub column: Option<u32>,
    /// Path with the prefixes of our contract, e.g. `/u:UdostepnijDaneOsoby/u:zakres/u:pozycja[3]`.
    pub path: Option<String>,
    /// Name of the violated rule, e.g. `pattern`.
    pub rule: Option<String>,
    pub text: String,
}

/// What kind of trouble a code names; every door maps kinds, not codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The message cannot be read as what it claims to be.
    Malformed,
    /// It is larger than what is accepted.
    TooLarge,
    /// It lacks the signature that the contract asks for.
    Unsigned,
    /// A signature, digest or time stamp in it does not hold.
    Unverified,
    /// The signer is unknown or no longer trusted.
    Unauthenticated,
    /// Its addressing headers ask for what the gateway does not do.
    Misaddressed,
    /// It is well formed and says something that cannot be.
    Invalid,
    /// The caller is known and may not have this.
    Forbidden,
    /// The caller asks too often.
    TooMany,
    /// The gateway or this administrator is overloaded or away: the same request may succeed later.
    Unavailable,
    /// Our fault; the caller learns only the event's identifier.
    Internal,
}

macro_rules! codes {
    ($($name:ident, $wire:literal, $kind:ident, $sentence:literal;)*) => {
        /// Closed list of the codes on the wire; the fault catalogue in `docs/` explains each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($name,)* }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The word on the wire, e.g. `BRAK_PODPISU`.
            #[must_use]
            pub const fn wire(self) -> &'static str {
                match self { $(Code::$name => $wire,)* }
            }

            #[must_use]
            pub const fn kind(self) -> Kind {
                match self { $(Code::$name => Kind::$kind,)* }
            }

            /// The sentence used unless a problem brings a better one.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Code::$name => $sentence,)* }
            }
        }
    };
}

codes! {
    MalformedXml, "NIEPOPRAWNY_XML", Malformed, "Komunikat nie jest poprawnym dokumentem XML.";
    MessageTooLarge, "KOMUNIKAT_ZA_DUZY", TooLarge, "Komunikat przekracza dopuszczalny rozmiar.";
    UnknownOperation, "OPERACJA_NIEZNANA", Malformed, "Usługa nie zna takiej operacji.";
    AddressingInvalid, "NAGLOWEK_NIEPOPRAWNY", Misaddressed, "Nagłówki WS-Addressing są niepoprawne.";
    SignatureMissing, "BRAK_PODPISU", Unsigned, "Komunikat nie ma podpisu obejmującego treść i znacznik czasu.";
    SignatureInvalid, "PODPIS_NIEPOPRAWNY", Unverified, "Podpis komunikatu nie jest poprawny.";
    CertificateUnknown, "CERTYFIKAT_NIEZNANY", Unauthenticated, "Certyfikat nie jest zarejestrowany.";
    CertificateInvalid, "CERTYFIKAT_NIEWAZNY", Unauthenticated, "Certyfikat stracił ważność, został unieważniony albo nie ma zaufanego wystawcy.";
    MessageExpired, "KOMUNIKAT_PRZETERMINOWANY", Unverified, "Znacznik czasu komunikatu leży poza dopuszczalnym okresem.";
    MessageRepeated, "KOMUNIKAT_POWTORZONY", Invalid, "Ten sam podpisany komunikat już przyjęto; ponowienie należy podpisać od nowa.";
    SchemaViolation, "NIEZGODNY_ZE_SCHEMATEM", Invalid, "Treść komunikatu jest niezgodna ze schematem.";
    DataInvalid, "DANE_NIEPOPRAWNE", Invalid, "Dane w żądaniu są niepoprawne.";
    Forbidden, "BRAK_UPRAWNIEN", Forbidden, "Wywołujący nie ma uprawnień do tej operacji.";
    SetUnknown, "ZBIOR_NIEZNANY", Forbidden, "Nie ma takiego zbioru albo nie nadano do niego żadnych uprawnień.";
    BasisInvalid, "PODSTAWA_NIEWAZNA", Forbidden, "Podstawa prawna jest nieznana, nieważna albo nie opiera się na niej żadne uprawnienie do tego zbioru.";
    ScopeUnknown, "ZAKRES_NIEZNANY", Invalid, "Zbiór tego rodzaju nie ma takiej pozycji zakresu.";
    ScopeNotGranted, "ZAKRES_NIEDOZWOLONY", Forbidden, "Zakres wykracza poza nadane uprawnienia.";
    RepeatDiffers, "POWTORZENIE_NIEZGODNE", Invalid, "Pod tym samym identyfikatorem przyjęto już inną treść.";
    RepeatExpired, "POWTORZENIE_WYGASLE", Invalid, "Zapamiętana odpowiedź na to żądanie wygasła.";
    RateExceeded, "LIMIT_PRZEKROCZONY", TooMany, "System wysyła więcej żądań na sekundę, niż dopuszczono.";
    TriesExceeded, "LIMIT_PROB", TooMany, "Wyczerpano liczbę prób weryfikacji tej osoby.";
    BatchUnknown, "PACZKA_NIEZNANA", Invalid, "Administrator nie ma takiej paczki.";
    BatchInvalid, "PACZKA_NIEPOPRAWNA", Invalid, "Nie można odczytać nagłówka paczki albo jest on sprzeczny z żądaniem.";
    BatchClosed, "PACZKA_ZAMKNIETA", Invalid, "Paczka jest już zamknięta.";
    PartInvalid, "CZESC_NIEPOPRAWNA", Invalid, "Część paczki jest niepoprawna.";
    EntryUnknown, "WPIS_NIEZNANY", Invalid, "Rejestr nie ma takiego wpisu albo wpis nie dotyczy wywołującego.";
    HeadUnknown, "GLOWA_NIEZNANA", Invalid, "Nie ma takiej głowy rejestru.";
    OrderUnknown, "ZLECENIE_NIEZNANE", Invalid, "Nie ma takiego zlecenia albo minął termin jego przechowywania.";
    BreaksSignatures, "PODPIS_NARUSZA_INNE", Invalid, "Podpis albo znacznik czasu naruszyłby inny podpis dokumentu.";
    ServiceUnavailable, "USLUGA_NIEDOSTEPNA", Unavailable, "Brama nie może teraz podpisać albo oznakować dokumentu.";
    AttachmentInvalid, "ZALACZNIK_NIEZGODNY", Invalid, "Załącznik dokumentu jest niezgodny z regułami albo z tym, co dokument o nim mówi.";
    TenantUnavailable, "NIEDOSTEPNY", Unavailable, "Zbiór tego administratora jest chwilowo niedostępny.";
    Overloaded, "PRZECIAZENIE", Unavailable, "Brama jest chwilowo przeciążona; żądanie można ponowić później.";
    Internal, "BLAD_WEWNETRZNY", Internal, "Wystąpił błąd wewnętrzny bramy.";
}

impl Problem {
    /// A problem with the code's own sentence.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self { code, public: Cow::Borrowed(code.sentence()), details: Vec::new(), cause: None }
    }

    /// The same problem with one more explanation for the caller; it must hold no value.
    #[must_use]
    pub fn explain(self, text: impl Into<String>) -> Self {
        self.detail(Detail { text: text.into(), ..Detail::default() })
    }

    #[must_use]
    pub fn detail(mut self, detail: Detail) -> Self {
        self.details.push(detail);
        self
    }

    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// An unexpected failure: the caller is told nothing, the log gets `cause`.
    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Code::Internal).caused_by(cause)
    }

    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.code.kind()
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code.wire(), self.public)
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}
