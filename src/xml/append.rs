//! Putting one more child into a document that is signed already: not a byte of what is there changes.

use super::error::{Error, Position, Reason};
use super::limits::Limits;
use super::prescan::{End, scan};

/// `document` with `child` as the last child of its root; both are well-formed, `child` declares every prefix it uses.
///
/// # Errors
/// Those of [`super::prescan`] for `document`.
pub fn append(document: &[u8], child: &[u8], limits: &Limits) -> Result<Vec<u8>, Error> {
    insert(document, 0, child, limits)
}

/// The same with `child` as the last child of the element of this number: the root is 0, and they count as they begin.
///
/// # Errors
/// As [`append`]; [`Reason::Unclosed`] when there are fewer elements.
pub fn insert(document: &[u8], element: usize, child: &[u8], limits: &Limits) -> Result<Vec<u8>, Error> {
    Ok(match scan(document, element, limits)? {
        Some(End::Tag(at)) => [&document[..at], child, &document[at..]].concat(),
        Some(End::Whole(at, name)) => {
            [&document[..at], b">", child, b"</", name, b">", &document[at + "/>".len()..]].concat()
        }
        None => return Err(Error::refused(Reason::Unclosed, Position::in_bytes(document, document.len()))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(document: &str, expected: &str) {
        check_in(0, document, expected);
    }

    #[track_caller]
    fn check_in(element: usize, document: &str, expected: &str) {
        let found = insert(document.as_bytes(), element, b"<x/>", &Limits::default()).unwrap();
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

    #[test]
    fn any_element_can_take_it() {
        check_in(1, "<a><b><c/></b><b/></a>", "<a><b><c/><x/></b><b/></a>");
        check_in(2, "<a><b><c d='1'/></b><b/></a>", "<a><b><c d='1'><x/></c></b><b/></a>");
        check_in(
            3,
            "\u{feff}<a><b><c/></b><!-- <b/> --><b/></a>",
            "\u{feff}<a><b><c/></b><!-- <b/> --><b><x/></b></a>",
        );
        assert!(insert(b"<a><b/></a>", 2, b"<x/>", &Limits::default()).is_err());
    }
}
