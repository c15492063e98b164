//! Algorithms that a signature may name: closed enums with their URIs; what is not here does not exist for the gateway.

use openssl::sha;

/// Which of the two families a key belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyFamily {
    Rsa,
    Ecdsa,
}

/// A hash function: SHA-2 alone, SHA-1 and MD5 are absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// Length of its value in bytes.
    #[must_use]
    pub const fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Its object identifier, dotted.
    #[must_use]
    pub const fn identifier(self) -> &'static str {
        match self {
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
        }
    }

    /// The hash with this object identifier.
    #[must_use]
    pub fn from_identifier(dotted: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512].into_iter().find(|hash| hash.identifier() == dotted)
    }

    /// Hashes `bytes`.
    #[must_use]
    pub fn of(self, bytes: &[u8]) -> Vec<u8> {
        let mut state = self.start();
        state.update(bytes);
        state.finish()
    }

    /// Starts to hash what comes in pieces.
    #[must_use]
    pub fn start(self) -> Digester {
        match self {
            Self::Sha256 => Digester::Sha256(sha::Sha256::new()),
            Self::Sha384 => Digester::Sha384(sha::Sha384::new()),
            Self::Sha512 => Digester::Sha512(sha::Sha512::new()),
        }
    }
}

/// SHA-256 of `bytes`.
///
/// The library's own function of this name looks the algorithm up by its name every time, which takes longer than to hash
/// a short text.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut state = sha::Sha256::new();
    state.update(bytes);
    state.finish()
}

/// A hash under way.
pub enum Digester {
    Sha256(sha::Sha256),
    Sha384(sha::Sha384),
    Sha512(sha::Sha512),
}

impl Digester {
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(state) => state.update(bytes),
            Self::Sha384(state) => state.update(bytes),
            Self::Sha512(state) => state.update(bytes),
        }
    }

    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        match self {
            Self::Sha256(state) => state.finish().to_vec(),
            Self::Sha384(state) => state.finish().to_vec(),
            Self::Sha512(state) => state.finish().to_vec(),
        }
    }
}

/// A closed list of algorithms and the URI that names each on the wire.
macro_rules! algorithms {
    ($(#[$doc:meta])* $list:ident { $($name:ident = $uri:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $list { $($name,)* }

        impl $list {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The algorithm's name on the wire.
            #[must_use]
            pub const fn uri(self) -> &'static str {
                match self { $(Self::$name => $uri,)* }
            }

            /// Compares byte for byte: `None` for every other URI.
            #[must_use]
            pub fn from_uri(uri: &str) -> Option<Self> {
                match uri { $($uri => Some(Self::$name),)* _ => None }
            }
        }
    };
}

algorithms! {
    /// `ds:DigestMethod` (XML Encryption §5.8, RFC 6931 §2.1.3).
    DigestMethod {
        Sha256 = "http://www.w3.org/2001/04/xmlenc#sha256",
        Sha384 = "http://www.w3.org/2001/04/xmldsig-more#sha384",
        Sha512 = "http://www.w3.org/2001/04/xmlenc#sha512",
    }
}

algorithms! {
    /// `ds:SignatureMethod` (RFC 6931 §2.3): RSA by PKCS #1 v1.5 and by PSS, ECDSA.
    ///
    /// PSS has one shape per hash (RFC 6931 §2.3.10): MGF1 with the same hash, a salt as long as the hash, trailer 1.
    SignatureMethod {
        RsaSha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        RsaSha384 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
        RsaSha512 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        RsaPssSha256 = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
        RsaPssSha384 = "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1",
        RsaPssSha512 = "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
        EcdsaSha256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        EcdsaSha384 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        EcdsaSha512 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
    }
}

impl DigestMethod {
    /// The method by which XML names `hash`.
    #[must_use]
    pub const fn of(hash: Hash) -> Self {
        match hash {
            Hash::Sha256 => Self::Sha256,
            Hash::Sha384 => Self::Sha384,
            Hash::Sha512 => Self::Sha512,
        }
    }

    #[must_use]
    pub const fn hash(self) -> Hash {
        match self {
            Self::Sha256 => Hash::Sha256,
            Self::Sha384 => Hash::Sha384,
            Self::Sha512 => Hash::Sha512,
        }
    }
}

impl SignatureMethod {
    #[must_use]
    pub const fn hash(self) -> Hash {
        match self {
            Self::RsaSha256 | Self::RsaPssSha256 | Self::EcdsaSha256 => Hash::Sha256,
            Self::RsaSha384 | Self::RsaPssSha384 | Self::EcdsaSha384 => Hash::Sha384,
            Self::RsaSha512 | Self::RsaPssSha512 | Self::EcdsaSha512 => Hash::Sha512,
        }
    }

    #[must_use]
    pub const fn family(self) -> KeyFamily {
        match self {
            Self::RsaSha256
            | Self::RsaSha384
            | Self::RsaSha512
            | Self::RsaPssSha256
            | Self::RsaPssSha384
            | Self::RsaPssSha512 => KeyFamily::Rsa,
            Self::EcdsaSha256 | Self::EcdsaSha384 | Self::EcdsaSha512 => KeyFamily::Ecdsa,
        }
    }

    /// Whether RSA pads by PSS.
    #[must_use]
    pub const fn is_pss(self) -> bool {
        matches!(self, Self::RsaPssSha256 | Self::RsaPssSha384 | Self::RsaPssSha512)
    }

    /// The PSS method of a hash.
    #[must_use]
    pub const fn pss(hash: Hash) -> Self {
        match hash {
            Hash::Sha256 => Self::RsaPssSha256,
            Hash::Sha384 => Self::RsaPssSha384,
            Hash::Sha512 => Self::RsaPssSha512,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_uri_leads_back_to_its_algorithm() {
        for method in DigestMethod::ALL {
            assert_eq!(DigestMethod::from_uri(method.uri()), Some(*method));
        }
        for method in SignatureMethod::ALL {
            assert_eq!(SignatureMethod::from_uri(method.uri()), Some(*method));
        }
    }

    #[test]
    fn hashing_in_pieces_is_hashing_at_once() {
        for hash in [Hash::Sha256, Hash::Sha384, Hash::Sha512] {
            let mut pieces = hash.start();
            pieces.update(b"ab");
            pieces.update(b"");
            pieces.update(b"c");
            assert_eq!(pieces.finish(), hash.of(b"abc"));
        }
    }

    #[test]
    fn weak_algorithms_do_not_exist() {
        for uri in [
            "http://www.w3.org/2000/09/xmldsig#sha1",
            "http://www.w3.org/2001/04/xmldsig-more#md5",
            "http://www.w3.org/2001/04/xmlenc#ripemd160",
            "",
            "HTTP://www.w3.org/2001/04/xmlenc#sha256",
        ] {
            assert_eq!(DigestMethod::from_uri(uri), None, "{uri}");
        }
        for uri in [
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
            "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
            "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
        ] {
            assert_eq!(SignatureMethod::from_uri(uri), None, "{uri}");
        }
    }
}
