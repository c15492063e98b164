//! Putting one more child into a document that is signed already: not a byte of what is there changes.

use super::error::Error;
use super::limits::Limits;
use super::prescan::{RootEnd, scan};

/// `document` with `child` as the last child of its root; both are well-formed, `child` declares every prefix it uses.
///
/// # Errors
/// Those of [`super::prescan`] for `document`.
pub fn append(document: &[u8], child: &[u8], limits: &Limits) -> Result<Vec<u8>, Error> {
    Ok(match scan(document, limits)? {
        RootEnd::Tag(at) => [&document[..at], child, &document[at..]].concat(),
        RootEnd::Whole(at, name) => {
            [&document[..at], b">", child, b"</", name, b">", &document[at + "/>".len()..]].concat()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(document: &str, expected: &str) {
        let found = append(document.as_bytes(), b"<x/>", &Limits::default()).unwrap();
        assert_eq!(String::from_utf8(found).unwrap(), expected);
    }

    #[test]
    fn the_child_comes_last_whatever_stands_behind_the_root() {
        check("<a></a>", "<a><x/></a>");
        check("<a/>", "<a><x/></a>");
        check("\u{feff}<p:a b='/>' />\n", "\u{feff}<p:a b='/>' ><x/></p:a>\n");
        check("<a><a/>t</a >\n<!-- </a> -->", "<a><a/>t<x/></a >\n<!-- </a> -->");
        check("<a><b/></a><!-- <c/> -->", "<a><b/><x/></a><!-- <c/> -->");
        check("<a><![CDATA[</a>]]><b></b></a>", "<a><![CDATA[</a>]]><b></b><x/></a>");
        assert!(append(b"<a>", b"<x/>", &Limits::default()).is_err());
    }
}
