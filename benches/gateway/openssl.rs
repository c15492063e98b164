//! What OpenSSL alone takes.

use std::process::Command;
use std::time::Duration;

/// What `openssl speed` says of an algorithm: CPU time to sign and to verify.
pub fn speed(algorithm: &str) -> (Duration, Duration) {
    let output = Command::new("openssl").args(["speed", "-seconds", "3", algorithm]).output().expect("openssl");
    let text = String::from_utf8_lossy(&output.stdout);
    // The last line ends with the operations per second: signed, verified.
    let mut rates = text.split_ascii_whitespace().rev().map(|rate| 1.0 / rate.parse::<f64>().expect("a rate"));
    let mut next = || Duration::from_secs_f64(rates.next().expect("two rates"));
    let verify = next();
    (next(), verify)
}
