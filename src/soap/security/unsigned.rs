//! For measuring alone: a request that counts as verified without a signature; compiled with the cargo feature `bench`.

use super::Verified;
use crate::xml::Element;

impl<'d> Verified<'d> {
    #[must_use]
    pub const fn unsigned(payload: Element<'d>) -> Self {
        Self { payload }
    }
}
