//! A load outlives a busy moment of the store: beginning a large batch anew costs more than a short wait.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::store::Error;

/// How long a busy store is asked again.
const PATIENCE: Duration = Duration::from_secs(20);

/// Longest pause between two tries.
const REST_MAX: Duration = Duration::from_secs(1);

/// Does `work`, again and again while the store is busy (which means that nothing was done) and `go_on` says so.
///
/// # Errors
/// What `work` says last.
pub fn patiently<T>(go_on: &dyn Fn() -> bool, mut work: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    let until = Instant::now() + PATIENCE;
    let mut rest = Duration::from_millis(20);
    loop {
        match work() {
            Err(Error::Busy(_)) if Instant::now() + rest < until && go_on() => {
                sleep(rest);
                rest = (rest * 2).min(REST_MAX);
            }
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_busy_store_is_asked_again() {
        let mut tries = 0;
        let done = patiently(&|| true, || {
            tries += 1;
            if tries < 3 { Err(Error::Busy("locked")) } else { Ok(tries) }
        });
        assert_eq!(done.ok(), Some(3));
        let mut tries = 0;
        let failed = patiently(&|| true, || -> Result<(), Error> {
            tries += 1;
            Err(Error::Unavailable(String::new()))
        });
        assert!(failed.is_err() && tries == 1);
        assert!(patiently(&|| false, || -> Result<(), Error> { Err(Error::Busy("locked")) }).is_err());
    }
}
