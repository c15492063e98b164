//! Tables on pages: widths of columns, rows that stay whole where they can, the head on every page.

use super::PdfError;
use super::flow::Flow;
use super::lines::{Line, lines, narrowest};
use super::sheet::{CELL, CELL_HEAD, LEFT, Mark, Owner, RIGHT, Style, TOP, Weight};
use crate::documents::content::Table;

/// Space inside a cell, at the sides, and above and below.
const SIDE: f32 = 4.0;
const EDGE: f32 = 2.5;
/// Thickness of the lines of the grid.
const LINE: f32 = 0.5;

/// A row with its lines, not yet placed.
struct Row {
    style: Style,
    cells: Vec<Vec<Line>>,
    /// The text of its first cell.
    first_text: usize,
}

impl Flow {
    pub fn table(&mut self, table: &Table) -> Result<(), PdfError> {
        let grid = Grid::of(table)?;
        let titles: Vec<&str> = table.columns.iter().map(|column| column.title.as_str()).collect();
        let head = self.row(&grid, &titles, CELL_HEAD)?;
        if head.height() > (self.bottom - TOP) / 2.0 {
            return Err(PdfError::HeadTooHigh);
        }
        let mut body = Vec::with_capacity(table.rows.len() + 1);
        for cells in &table.rows {
            body.push(self.row(&grid, cells, CELL)?);
        }
        if let Some(cells) = &table.sum {
            body.push(self.row(&grid, cells, CELL_HEAD)?);
        }
        self.space(4.0);
        self.make_room(head.height() + body.first().map_or(0.0, Row::height))?;
        grid.rule(self);
        grid.place(self, &head, 0..head.line_count(), false);
        for row in &body {
            self.body_row(&grid, &head, row)?;
        }
        self.end(10.0, None);
        Ok(())
    }

    /// A row goes on the next page whole; only one that is higher than a page is divided.
    fn body_row(&mut self, grid: &Grid, head: &Row, row: &Row) -> Result<(), PdfError> {
        let mut from = 0;
        while from < row.line_count() {
            let left = row.line_count() - from;
            let room = row.lines_within(self.bottom - self.top);
            let fits_a_page = left <= row.lines_within(self.bottom - TOP - head.height());
            if room < left && (fits_a_page || room == 0) {
                self.new_page()?;
                grid.rule(self);
                grid.place(self, head, 0..head.line_count(), true);
                continue;
            }
            let until = from + left.min(room);
            grid.place(self, row, from..until, false);
            from = until;
        }
        Ok(())
    }

    fn row(&mut self, grid: &Grid, cells: &[impl AsRef<str>], style: Style) -> Result<Row, PdfError> {
        let first_text = self.texts;
        self.texts += cells.len();
        let place = |(column, cell): (usize, &_)| {
            let mut lines = lines(AsRef::as_ref(cell), style, grid.widths[column] - 2.0 * SIDE)?;
            if lines.is_empty() {
                // A cell in which nothing is drawn would be none to those who listen.
                lines.push(Line { text: " ".to_owned(), width: 0.0 });
            }
            Ok(lines)
        };
        let cells = cells.iter().enumerate().map(place).collect::<Result<_, _>>()?;
        Ok(Row { style, cells, first_text })
    }
}

impl Row {
    /// At least one, so that a row of empty cells shows.
    fn line_count(&self) -> usize {
        self.cells.iter().map(Vec::len).max().unwrap_or_default().max(1)
    }

    fn height(&self) -> f32 {
        self.height_of(self.line_count())
    }

    fn height_of(&self, lines: usize) -> f32 {
        (0..lines).map(|_| self.style.leading).sum::<f32>() + 2.0 * EDGE
    }

    /// How many of its lines a space of this height holds.
    fn lines_within(&self, height: f32) -> usize {
        (1..=self.line_count()).take_while(|lines| self.height_of(*lines) <= height).count()
    }
}

/// The columns of a table.
struct Grid {
    widths: Vec<f32>,
    is_right: Vec<bool>,
}

impl Grid {
    /// Every column as wide as its widest cell when there is room, else what is beyond the needs of words is shared.
    fn of(table: &Table) -> Result<Self, PdfError> {
        let mut wishes = Vec::with_capacity(table.columns.len());
        for (at, column) in table.columns.iter().enumerate() {
            let head = (column.title.as_str(), CELL_HEAD);
            let rows = table.rows.iter().map(|row| (row[at].as_str(), CELL));
            let sum = table.sum.iter().map(|row| (row[at].as_str(), CELL_HEAD));
            let (mut needed, mut wanted) = (0.0_f32, 0.0_f32);
            for (text, style) in std::iter::once(head).chain(rows).chain(sum) {
                needed = needed.max(narrowest(text, style)?);
                wanted = wanted.max(style.width(text)?);
            }
            // A hair more than is needed, so that rounding divides no word.
            wishes.push((needed + 2.0 * SIDE + 0.1, wanted + 2.0 * SIDE + 0.1));
        }
        let is_right = table.columns.iter().map(|column| column.is_right).collect();
        Ok(Self { widths: share(&wishes, RIGHT - LEFT), is_right })
    }

    /// The upper line of the grid.
    fn rule(&self, flow: &mut Flow) {
        let width = self.widths.iter().sum();
        flow.mark(Mark::Rule { left: LEFT, top: flow.top, width, height: LINE });
    }

    /// Places some lines of a row below everything else, with the lines of the grid around it.
    fn place(&self, flow: &mut Flow, row: &Row, range: std::ops::Range<usize>, again: bool) {
        let (top, height) = (flow.top, row.height_of(range.len()));
        let is_head = row.style.weight == Weight::Bold;
        let mut left = LEFT;
        for (column, (cell, width)) in row.cells.iter().zip(&self.widths).enumerate() {
            let owner = if again { Owner::HeadAgain } else { Owner::Text(row.first_text + column) };
            let mut line_top = top + EDGE;
            for line in cell.iter().take(range.end).skip(range.start) {
                let at = if self.is_right[column] { left + width - SIDE - line.width } else { left + SIDE };
                let baseline = row.style.baseline(line_top);
                flow.mark(Mark::Text { left: at, baseline, style: row.style, text: line.text.clone(), owner });
                line_top += row.style.leading;
            }
            flow.mark(Mark::Rule { left, top, width: LINE, height });
            left += width;
        }
        flow.mark(Mark::Rule { left: left - LINE, top, width: LINE, height });
        flow.top += height;
        let thickness = if is_head { 2.0 * LINE } else { LINE };
        flow.mark(Mark::Rule { left: LEFT, top: flow.top - LINE, width: left - LEFT, height: thickness });
    }
}

/// Divides a width among columns that need and want so much each.
fn share(wishes: &[(f32, f32)], width: f32) -> Vec<f32> {
    let needed: f32 = wishes.iter().map(|(needed, _)| needed).sum();
    let wanted: f32 = wishes.iter().map(|(_, wanted)| wanted).sum();
    if wanted <= width {
        // What is left goes to the columns in the measure of their wishes.
        wishes.iter().map(|(_, wish)| wish * width / wanted).collect()
    } else if needed <= width {
        let part = (width - needed) / (wanted - needed);
        wishes.iter().map(|(need, wish)| need + (wish - need) * part).collect()
    } else {
        // Words must be divided; no column becomes so narrow that nothing fits.
        let least = width / f32::from(u8::try_from(wishes.len()).unwrap_or(u8::MAX)) / 2.0;
        let above: f32 = wishes.iter().map(|(need, _)| (need - least).max(0.0)).sum();
        let base: f32 = wishes.iter().map(|(need, _)| need.min(least)).sum();
        wishes.iter().map(|(need, _)| need.min(least) + (need - least).max(0.0) * (width - base) / above).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wishes: &[(f32, f32)], width: f32, expected: &[f32]) {
        let shared = share(wishes, width);
        assert!(shared.iter().zip(expected).all(|(one, other)| (one - other).abs() < 0.01), "{wishes:?}: {shared:?}");
        assert!((shared.iter().sum::<f32>() - width).abs() < 0.01, "{shared:?}");
    }

    #[test]
    fn a_width_is_shared_by_needs_first_and_wishes_then() {
        check(&[(10.0, 20.0), (10.0, 60.0)], 100.0, &[25.0, 75.0]);
        check(&[(10.0, 20.0), (10.0, 160.0)], 100.0, &[15.0, 85.0]);
        check(&[(50.0, 50.0)], 100.0, &[100.0]);
        check(&[(10.0, 10.0), (500.0, 900.0)], 100.0, &[10.0, 90.0]);
        check(&[(300.0, 300.0), (300.0, 300.0)], 100.0, &[50.0, 50.0]);
    }
}
