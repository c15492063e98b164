//! The measures of a sheet and of the letters on it, in points (1/72 inch), and the marks that make up a page.

/// A4.
pub const WIDTH: f32 = 595.28;
pub const HEIGHT: f32 = 841.89;
/// Margins: 2.5 cm at the sides, 2 cm at the top, 1.5 cm below the imprint.
pub const LEFT: f32 = 70.87;
pub const RIGHT: f32 = WIDTH - 70.87;
pub const TOP: f32 = 56.69;
pub const BOTTOM: f32 = HEIGHT - 42.52;
/// Where the right half begins, for the addressee and the signature.
pub const HALF: f32 = LEFT + (RIGHT - LEFT) * 0.52;

/// A weight of the one family of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

/// Letters of one size, and the distance of their lines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    pub weight: Weight,
    pub size: f32,
    pub leading: f32,
}

const fn style(weight: Weight, size: f32, leading: f32) -> Style {
    Style { weight, size, leading }
}

pub const TITLE: Style = style(Weight::Bold, 14.0, 19.0);
pub const SECTION: Style = style(Weight::Bold, 11.5, 15.5);
pub const BODY: Style = style(Weight::Regular, 11.0, 15.0);
pub const SMALL: Style = style(Weight::Regular, 9.0, 12.0);
pub const CELL: Style = style(Weight::Regular, 9.5, 12.0);
pub const CELL_HEAD: Style = style(Weight::Bold, 9.5, 12.0);
pub const IMPRINT: Style = style(Weight::Regular, 8.0, 10.0);

/// What a mark belongs to in the order of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A text of the content, counted as `tags` counts them.
    Text(usize),
    /// The head of a table, shown once more on a further page.
    HeadAgain,
    /// The line that every page has.
    Imprint,
}

/// Something on a page; lengths are counted from the upper left corner.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    Text {
        left: f32,
        baseline: f32,
        style: Style,
        text: String,
        owner: Owner,
    },
    /// A line of the grid of a table: a filled rectangle.
    Rule {
        left: f32,
        top: f32,
        width: f32,
        height: f32,
    },
}

/// The marks of one page, in the order of reading.
pub type Page = Vec<Mark>;
