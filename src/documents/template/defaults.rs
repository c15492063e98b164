//! The templates that come with the gateway.

macro_rules! templates {
    ($($file:literal),+ $(,)?) => {
        /// Each under its file name, in the order of names.
        pub const ALL: &[(&str, &[u8])] = &[$(($file, include_bytes!(concat!("../templates/", $file, ".xml")))),+];
    };
}

templates!["pup-status"];
