//! Content as a PDF/A-2u file: tagged, in Polish, A4, drawn from the content alone and the same bytes every time (rule 12.12).

mod faces;
mod flow;
mod lines;
mod paint;
mod sheet;
mod table;
mod tags;

use chrono::NaiveDate;

use super::content::Content;

/// Pages of a file, at most.
pub const PAGES_MAX: usize = 200;

/// What every page says about the document that it shows, and the file's metadata.
#[derive(Debug, Clone, Copy)]
pub struct Imprint<'i> {
    /// Identifier of the XML document, which is the original.
    pub id: &'i str,
    /// The matter's mark, or whatever number the document has with its office.
    pub number: &'i str,
    /// The day of the document; the file's date, since no clock may show in it.
    pub date: NaiveDate,
}

/// Why nothing was drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// The fonts have no shape for a character, e.g. one of another script.
    #[error("no glyph for U+{:04X}", u32::from(*.0))]
    NoGlyph(char),
    #[error("more than {PAGES_MAX} pages")]
    TooManyPages,
    /// The head of a table is higher than half a page.
    #[error("the head of a table is too high")]
    HeadTooHigh,
    /// The file would not be PDF/A-2u.
    #[error("not PDF/A-2u: {0}")]
    NotArchival(String),
}

/// Draws the content.
///
/// # Errors
/// See [`PdfError`].
pub fn draw(content: &Content, imprint: &Imprint<'_>) -> Result<Vec<u8>, PdfError> {
    let pages = flow::flow(content, imprint)?;
    paint::paint(content, &pages, imprint)
}

#[cfg(test)]
mod tests;
