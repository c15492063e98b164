//! The templates that come with the gateway.

macro_rules! templates {
    ($($file:literal),+ $(,)?) => {
        /// Each under its file name, in the order of names.
        pub const ALL: &[(&str, &[u8])] = &[$(($file, include_bytes!(concat!("../templates/", $file, ".xml")))),+];
    };
}

templates![
    "ps-brak-osoby",
    "ps-swiadczenia",
    "pup-brak-osoby",
    "pup-status",
    "pup-swiadczenia",
    "sr-brak-osoby",
    "sr-przyznane",
    "sr-wyplacone",
    "wniosek",
];
