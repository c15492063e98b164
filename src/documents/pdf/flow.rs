//! From blocks to pages: what stands where, and what stays together.

use super::lines::{Line, lines};
use super::sheet::{BODY, BOTTOM, HALF, IMPRINT, LEFT, Mark, Owner, Page, RIGHT, SECTION, SMALL, Style, TITLE, TOP};
use super::{Imprint, PAGES_MAX, PdfError};
use crate::documents::content::{Block, Content, Layout, Level};

/// A paragraph of so many lines or fewer is not divided between pages.
const UNDIVIDED_LINES: usize = 3;
/// Room for a signature by hand on a printed copy.
const BEFORE_SIGNATURE: f32 = 30.0;
const BULLET: &str = "•";
const BULLET_INDENT: f32 = 14.0;

/// Puts the content on pages, each with the imprint.
pub fn flow(content: &Content, imprint: &Imprint<'_>) -> Result<Vec<Page>, PdfError> {
    let number = lines(imprint.number, IMPRINT, RIGHT - LEFT)?;
    let mut flow = Flow::new(BOTTOM - imprint_height(&number) - 8.0);
    for (at, block) in content.blocks.iter().enumerate() {
        match block {
            Block::Heading { level, text } => flow.heading(*level, text, &content.blocks[at + 1..])?,
            Block::Paragraph { layout, text } => flow.paragraph(*layout, text, &content.blocks[at + 1..])?,
            Block::List(items) => flow.list(items)?,
            Block::Table(table) => flow.table(table)?,
        }
    }
    let total = flow.pages.len();
    for (index, page) in flow.pages.iter_mut().enumerate() {
        page.extend(imprint_marks(imprint, &number, index + 1, total)?);
    }
    Ok(flow.pages)
}

/// The pages so far, and where on the last one the next block begins.
pub(super) struct Flow {
    pub pages: Vec<Page>,
    /// The upper edge of what comes next.
    pub top: f32,
    /// Nothing stands below.
    pub bottom: f32,
    /// Space that is left before the next block unless it begins a page.
    gap: f32,
    /// Texts placed so far.
    pub texts: usize,
    /// Where the last block of the sender began, as long as nothing followed it: place and date stand beside it.
    beside: Option<(usize, f32)>,
    layout: Option<Layout>,
}

/// Where in its place a line stands.
#[derive(Clone, Copy)]
enum Align {
    Left,
    Centre,
    Right,
}

impl Flow {
    fn new(bottom: f32) -> Self {
        Self { pages: vec![Vec::new()], top: TOP, bottom, gap: 0.0, texts: 0, beside: None, layout: None }
    }

    fn heading(&mut self, level: Level, text: &str, next: &[Block]) -> Result<(), PdfError> {
        let (style, before, after, align) = match level {
            Level::Title => (TITLE, 22.0, 9.0, Align::Centre),
            Level::Section => (SECTION, 12.0, 4.0, Align::Left),
        };
        let lines = lines(text, style, RIGHT - LEFT)?;
        self.space(before);
        self.make_room(height(&lines, style) + after + beginning_height(next)?)?;
        self.place(&lines, style, (LEFT, RIGHT), align)?;
        self.end(after, None);
        Ok(())
    }

    fn paragraph(&mut self, layout: Layout, text: &str, next: &[Block]) -> Result<(), PdfError> {
        let goes_on = layout.is_block() && is_paragraph(next.first(), layout);
        let begins = self.layout != Some(layout);
        let (style, place, align, before, after) = match layout {
            Layout::Plain => (BODY, (LEFT, RIGHT), Align::Left, 0.0, 7.0),
            Layout::Sender => (BODY, (LEFT, HALF - 12.0), Align::Left, 0.0, 8.0),
            Layout::Right => (BODY, (HALF, RIGHT), Align::Right, 0.0, 8.0),
            Layout::Addressee => (BODY, (HALF, RIGHT), Align::Left, 16.0, 10.0),
            Layout::Centre => (BODY, (LEFT, RIGHT), Align::Centre, 0.0, 12.0),
            Layout::Signature => (BODY, (HALF, RIGHT), Align::Centre, BEFORE_SIGNATURE, 12.0),
            Layout::Small => (SMALL, (LEFT, RIGHT), Align::Left, 2.0, 4.0),
        };
        let lines = lines(text, style, place.1 - place.0)?;
        let own_height = height(&lines, style);
        if let (Layout::Right, Some((page, top))) = (layout, self.beside)
            && page == self.pages.len()
            && top + own_height <= self.bottom
        {
            let end = std::mem::replace(&mut self.top, top);
            let gap = std::mem::take(&mut self.gap);
            self.place(&lines, style, place, align)?;
            self.top = self.top.max(end);
            self.end(gap, Some(layout));
            return Ok(());
        }
        if begins || !layout.is_block() {
            self.space(before);
        }
        let together = lines.len() <= UNDIVIDED_LINES || layout.is_block();
        let follow = if goes_on { style.leading } else { signature_height(next) };
        self.make_room(if together { own_height + follow } else { 2.0 * style.leading })?;
        let start = (self.pages.len(), self.top);
        let beside = if begins { Some(start) } else { self.beside };
        self.place(&lines, style, place, align)?;
        self.end(if goes_on { 0.0 } else { after }, Some(layout));
        self.beside = beside.filter(|_| layout == Layout::Sender);
        Ok(())
    }

    fn list(&mut self, items: &[String]) -> Result<(), PdfError> {
        for item in items {
            let lines = lines(item, BODY, RIGHT - LEFT - BULLET_INDENT)?;
            self.make_room(BODY.leading)?;
            let top = self.top;
            let bullet = [Line { text: BULLET.to_owned(), width: BODY.width(BULLET)? }];
            self.place(&bullet, BODY, (LEFT + 2.0, RIGHT), Align::Left)?;
            self.top = top;
            self.place(&lines, BODY, (LEFT + BULLET_INDENT, RIGHT), Align::Left)?;
            self.end(2.0, None);
        }
        self.end(7.0, None);
        Ok(())
    }

    /// Asks for space before the next block; of two wishes the larger counts.
    pub fn space(&mut self, space: f32) {
        self.gap = self.gap.max(space);
    }

    pub fn end(&mut self, gap: f32, layout: Option<Layout>) {
        self.gap = gap;
        self.layout = layout;
        self.beside = None;
    }

    /// Begins a page unless so much room is left; a block higher than a page begins where it is.
    pub fn make_room(&mut self, height: f32) -> Result<(), PdfError> {
        if self.top > TOP {
            self.top += self.gap;
        }
        self.gap = 0.0;
        if self.top + height > self.bottom && self.top > TOP && height <= self.bottom - TOP {
            self.new_page()?;
        }
        Ok(())
    }

    pub fn new_page(&mut self) -> Result<(), PdfError> {
        if self.pages.len() == PAGES_MAX {
            return Err(PdfError::TooManyPages);
        }
        self.pages.push(Vec::new());
        self.top = TOP;
        Ok(())
    }

    /// Places the lines of one text under each other, over as many pages as it takes.
    fn place(&mut self, lines: &[Line], style: Style, place: (f32, f32), align: Align) -> Result<(), PdfError> {
        let owner = Owner::Text(self.next_text());
        for line in lines {
            if self.top + style.leading > self.bottom {
                self.new_page()?;
            }
            let left = match align {
                Align::Left => place.0,
                Align::Centre => place.0 + (place.1 - place.0 - line.width) / 2.0,
                Align::Right => place.1 - line.width,
            };
            let baseline = style.baseline(self.top);
            self.mark(Mark::Text { left, baseline, style, text: line.text.clone(), owner });
            self.top += style.leading;
        }
        Ok(())
    }

    pub fn next_text(&mut self) -> usize {
        self.texts += 1;
        self.texts - 1
    }

    pub fn mark(&mut self, mark: Mark) {
        self.pages.last_mut().expect("there is always a page").push(mark);
    }
}

impl Style {
    /// Where the letters of a line stand that begins at `top`.
    pub fn baseline(self, top: f32) -> f32 {
        top + (self.leading - self.size) / 2.0 + self.size * 0.85
    }
}

fn is_paragraph(block: Option<&Block>, wanted: Layout) -> bool {
    matches!(block, Some(Block::Paragraph { layout, .. }) if *layout == wanted)
}

/// The room of what goes with a heading: two lines of what follows, or a short paragraph that stays with its signature.
fn beginning_height(next: &[Block]) -> Result<f32, PdfError> {
    let two_lines = 2.0 * BODY.leading;
    let [Block::Paragraph { layout: Layout::Plain, text }, rest @ ..] = next else { return Ok(two_lines) };
    let lines = lines(text, BODY, RIGHT - LEFT)?;
    let whole = height(&lines, BODY) + signature_height(rest);
    Ok(if lines.len() <= UNDIVIDED_LINES { two_lines.max(whole) } else { two_lines })
}

/// The room that a signature takes when it comes next: it never stands on a page without anything that it signs.
fn signature_height(next: &[Block]) -> f32 {
    let parts = next.iter().take_while(|block| is_paragraph(Some(block), Layout::Signature));
    let lines: f32 = parts.map(|_| BODY.leading).sum();
    if lines > 0.0 { BEFORE_SIGNATURE + lines } else { 0.0 }
}

fn height(lines: &[Line], style: Style) -> f32 {
    style.leading * lines.iter().map(|_| 1.0).sum::<f32>()
}

fn imprint_height(number: &[Line]) -> f32 {
    height(number, IMPRINT) + IMPRINT.leading
}

/// The imprint: the number, then which document is the original, and the page at the right.
fn imprint_marks(imprint: &Imprint<'_>, number: &[Line], page: usize, total: usize) -> Result<Vec<Mark>, PdfError> {
    let original = format!("Oryginałem jest dokument XML nr {}", imprint.id);
    let counted = format!("strona {page}/{total}");
    let right = RIGHT - IMPRINT.width(&counted)?;
    let mut top = BOTTOM - imprint_height(number);
    let mut marks = vec![Mark::Rule { left: LEFT, top: top - 3.0, width: RIGHT - LEFT, height: 0.4 }];
    let mut mark = |left, top, text: String| {
        let baseline = IMPRINT.baseline(top);
        marks.push(Mark::Text { left, baseline, style: IMPRINT, text, owner: Owner::Imprint });
    };
    for line in number {
        mark(LEFT, top, line.text.clone());
        top += IMPRINT.leading;
    }
    mark(LEFT, top, original);
    mark(right, top, counted);
    Ok(marks)
}
