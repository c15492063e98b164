//! A PDF file as poppler and pikepdf read it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use brama::documents::content::{Block, Content};

/// What `pdfa.py` checks, each by its name.
const CHECKS: [&str; 16] = [
    "version",
    "identification",
    "dates",
    "identifier",
    "output-intent",
    "language",
    "marked",
    "headings",
    "tables",
    "all-content-tagged",
    "fonts",
    "colours",
    "no-transparency",
    "no-actions",
    "no-files",
    "no-encryption",
];

/// A file on the disk.
pub struct Pdf {
    path: PathBuf,
}

impl Pdf {
    pub fn of(path: PathBuf) -> Self {
        Self { path }
    }

    pub fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap()
    }

    /// Every check of PDF/A-2u, by another library than the one that wrote the file.
    pub fn check_structure(&self) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join(".venv/bin/python");
        assert!(python.exists(), "`make setup` makes .venv, which the checks need");
        let said = run(Command::new(python).arg(root.join("tests/it/documents/pdfa.py")).arg(&self.path));
        let expected: Vec<String> = CHECKS.iter().map(|check| format!("{check}: ok")).collect();
        assert_eq!(said.lines().collect::<Vec<_>>(), expected, "{}", self.path.display());
    }

    /// Every font is embedded, a subset, and can be read as Unicode.
    pub fn check_fonts(&self) {
        let said = run(Command::new("pdffonts").arg(&self.path));
        let fonts: Vec<&str> = said.lines().skip(2).collect();
        assert!(!fonts.is_empty());
        for font in fonts {
            assert!(font.contains("LiberationSerif") && font.contains(" yes yes yes "), "{font}");
        }
    }

    /// No word stands outside the margins: 2.5 cm at the sides, 2 cm at the top, 1.5 cm at the bottom.
    pub fn check_margins(&self) {
        let said = run(Command::new("pdftotext").arg("-bbox").arg(&self.path).arg("-"));
        let number = |line: &str, name: &str| -> f32 {
            let value = line.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next());
            value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{line}"))
        };
        let words: Vec<&str> = said.lines().filter(|line| line.contains("<word ")).collect();
        assert!(words.len() > 20);
        for word in words {
            assert!(number(word, "xMin") >= 70.0 && number(word, "xMax") <= 595.28 - 70.0, "{word}");
            assert!(number(word, "yMin") >= 56.0 && number(word, "yMax") <= 841.89 - 42.0, "{word}");
        }
    }

    /// Draws every page beside the file; how many there are.
    pub fn draw_pages(&self) -> usize {
        run(Command::new("pdftoppm").args(["-r", "90", "-png"]).arg(&self.path).arg(self.path.with_extension("")));
        let name = format!("{}-", self.path.file_stem().unwrap().to_str().unwrap());
        let files = fs::read_dir(self.path.parent().unwrap()).unwrap().filter_map(Result::ok);
        let names = files.filter_map(|file| file.file_name().into_string().ok());
        names.filter(|file| file.strip_prefix(&name).is_some_and(|rest| rest.strip_suffix(".png").is_some())).count()
    }

    /// The text of every page in the order in which it is drawn.
    pub fn pages(&self) -> Vec<String> {
        let said = run(Command::new("pdftotext").arg("-raw").arg(&self.path).arg("-"));
        said.trim_end_matches('\u{c}').split('\u{c}').map(str::to_owned).collect()
    }

    /// All text without spaces and without what a page adds: the imprint, bullets, heads of tables that are repeated.
    pub fn says(&self, content: &Content) -> String {
        let heads: Vec<String> = content
            .blocks
            .iter()
            .filter_map(|block| match block {
                Block::Table(table) => Some(without_spaces(table.columns.iter().map(|column| column.title.as_str()))),
                _ => None,
            })
            .collect();
        let body = |(index, page): (usize, String)| {
            let lines: Vec<&str> = page.lines().collect();
            let (imprint, body) = (&lines[lines.len() - 2..], &lines[..lines.len() - 2]);
            assert!(imprint[1].starts_with("Oryginałem jest dokument XML nr "), "{imprint:?}");
            assert!(imprint[1].contains(&format!("strona {}/", index + 1)), "{imprint:?}");
            let text = without_spaces(body.iter().copied()).replace('•', "");
            let repeated = heads.iter().find(|head| index > 0 && text.starts_with(head.as_str()));
            repeated.map_or(text.clone(), |head| text[head.len()..].to_owned())
        };
        self.pages().into_iter().enumerate().map(body).collect()
    }
}

pub fn without_spaces<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    texts.flat_map(str::chars).filter(|character| !character.is_whitespace()).collect()
}

fn run(command: &mut Command) -> String {
    let done = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; `make setup` installs it"));
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}
