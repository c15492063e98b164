//! From marks to the bytes of a file.

use chrono::Datelike;
use krilla::color::rgb;
use krilla::configure::ConfigurationBuilder;
use krilla::configure::validate::Archival;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag};
use krilla::{Document, SerializeSettings};

use super::faces::face;
use super::sheet::{HEIGHT, Mark, Owner, Page, Style, WIDTH};
use super::{Imprint, PdfError, tags};
use crate::documents::content::Content;

const PRODUCER: &str = "brama";
/// What a document without a title is called.
const UNTITLED: &str = "Dokument";

/// Writes the file.
pub fn paint(content: &Content, pages: &[Page], imprint: &Imprint<'_>) -> Result<Vec<u8>, PdfError> {
    let configuration = ConfigurationBuilder::new().with_archival_validator(Archival::A2_U).finish();
    let settings = SerializeSettings {
        configuration: configuration.map_err(|error| PdfError::NotArchival(format!("{error:?}")))?,
        enable_tagging: true,
        ..SerializeSettings::default()
    };
    let mut document = Document::new_with(settings);
    let mut marks: Vec<Vec<Identifier>> = vec![Vec::new(); text_count(content)];
    for page in pages {
        let size = PageSettings::from_wh(WIDTH, HEIGHT).expect("A4 has a size");
        let mut sheet = document.start_page_with(size);
        let mut surface = sheet.surface();
        surface.set_fill(Some(Fill { paint: rgb::Color::new(0, 0, 0).into(), ..Fill::default() }));
        for mark in page {
            paint_mark(&mut surface, mark, &mut marks)?;
        }
        surface.finish();
        sheet.finish();
    }
    document.set_tag_tree(tags::tree(content, marks));
    document.set_metadata(metadata(content, imprint));
    document.finish().map_err(|error| PdfError::NotArchival(error.to_string()))
}

/// How many texts `flow` counts in the content: each has a place in the tree, an item of a list has two.
fn text_count(content: &Content) -> usize {
    use crate::documents::content::Block;
    let bullets = content.blocks.iter().map(|block| if let Block::List(items) = block { items.len() } else { 0 });
    content.texts().count() + bullets.sum::<usize>()
}

fn paint_mark(surface: &mut Surface<'_>, mark: &Mark, marks: &mut [Vec<Identifier>]) -> Result<(), PdfError> {
    match mark {
        Mark::Text { left, baseline, style, text, owner } => {
            let identifier = surface.start_tagged(match owner {
                Owner::Text(_) => ContentTag::Span(SpanTag::empty()),
                Owner::HeadAgain => ContentTag::Artifact(Artifact::with_kind(ArtifactType::PaginationOther)),
                Owner::Imprint => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)),
            });
            let painted = paint_text(surface, Point::from_xy(*left, *baseline), *style, text);
            surface.end_tagged();
            if let Owner::Text(text) = owner {
                marks[*text].push(identifier);
            }
            painted
        }
        Mark::Rule { left, top, width, height } => {
            surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
            let mut path = PathBuilder::new();
            if let Some(rectangle) = Rect::from_xywh(*left, *top, *width, *height) {
                path.push_rect(rectangle);
            }
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
            surface.end_tagged();
            Ok(())
        }
    }
}

fn paint_text(surface: &mut Surface<'_>, at: Point, style: Style, text: &str) -> Result<(), PdfError> {
    let face = face(style.weight);
    let glyphs = face.glyphs(text)?;
    surface.draw_glyphs(at, &glyphs, face.font.clone(), text, style.size, false);
    Ok(())
}

fn metadata(content: &Content, imprint: &Imprint<'_>) -> Metadata {
    let part = |number: u32| u8::try_from(number).unwrap_or(1);
    let day = imprint.date;
    let date = DateTime::new(u16::try_from(day.year()).unwrap_or_default())
        .month(part(day.month()))
        .day(part(day.day()))
        .hour(0)
        .minute(0)
        .second(0)
        .utc_offset_hour(0);
    Metadata::new()
        .title(content.title().unwrap_or(UNTITLED).to_owned())
        .language("pl-PL".to_owned())
        .creator(PRODUCER.to_owned())
        .producer(PRODUCER.to_owned())
        .document_id(imprint.id.to_owned())
        .creation_date(date)
}
