//! The letters: Liberation Serif in two weights, embedded; which glyph a character has and how wide it is.

use std::sync::LazyLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::MetadataProvider;
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::raw::{FontRef, TableProvider};

use super::PdfError;
use super::sheet::{Style, Weight};

const REGULAR: &[u8] = include_bytes!("../fonts/LiberationSerif-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../fonts/LiberationSerif-Bold.ttf");

/// One weight.
pub struct Face {
    pub font: Font,
    characters: Charmap<'static>,
    widths: GlyphMetrics<'static>,
    units: f32,
}

static FACES: LazyLock<[Face; 2]> = LazyLock::new(|| [Face::read(REGULAR), Face::read(BOLD)]);

/// The letters of a weight.
pub fn face(weight: Weight) -> &'static Face {
    match weight {
        Weight::Regular => &FACES[0],
        Weight::Bold => &FACES[1],
    }
}

impl Face {
    fn read(bytes: &'static [u8]) -> Self {
        let font = Font::new(bytes.to_vec().into(), 0).expect("the embedded font is one");
        let tables = FontRef::new(bytes).expect("the embedded font is one");
        let units = f32::from(tables.head().expect("a font has a head").units_per_em());
        let widths = tables.glyph_metrics(Size::unscaled(), LocationRef::default());
        Self { font, characters: tables.charmap(), widths, units }
    }

    /// The glyphs of a text, one a character, with widths in parts of the size.
    ///
    /// # Errors
    /// [`PdfError::NoGlyph`] for a character that the font does not have.
    pub fn glyphs(&self, text: &str) -> Result<Vec<KrillaGlyph>, PdfError> {
        text.char_indices()
            .map(|(at, character)| {
                let (glyph, width) = self.glyph(character)?;
                let range = at..at + character.len_utf8();
                Ok(KrillaGlyph::new(GlyphId::new(glyph), width, 0.0, 0.0, 0.0, range, None))
            })
            .collect()
    }

    fn glyph(&self, character: char) -> Result<(u32, f32), PdfError> {
        let missing = || PdfError::NoGlyph(character);
        // Glyph 0 is what fonts draw for a character that they do not have.
        let glyph = self.characters.map(character).filter(|glyph| glyph.to_u32() != 0).ok_or_else(missing)?;
        let width = self.widths.advance_width(glyph).ok_or_else(missing)?;
        Ok((glyph.to_u32(), width / self.units))
    }
}

impl Style {
    /// The width of a text in points.
    ///
    /// # Errors
    /// As [`Face::glyphs`].
    pub fn width(self, text: &str) -> Result<f32, PdfError> {
        let face = face(self.weight);
        text.chars().try_fold(0.0, |width, character| Ok(width + face.glyph(character)?.1 * self.size))
    }
}
