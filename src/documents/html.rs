//! Content as a page of HTML that needs nothing else: no script, no address, every text escaped (rule 12.4).

use super::content::{Block, Content, Layout, Level, Table};

/// What the page says about the document, beside its content.
pub use super::pdf::Imprint;

const STYLE: &str = "\
body{margin:2rem auto;max-width:46rem;padding:0 1rem;font:1rem/1.5 'Liberation Serif',Georgia,serif;color:#111;background:#fff}
p,li,td,th,h1,h2{overflow-wrap:anywhere}
h1{font-size:1.4rem;text-align:center;margin:2rem 0 1.2rem}h2{font-size:1.1rem;margin:1.4rem 0 .3rem}
p{margin:.6rem 0}.nadawca,.adresat,.podpis{margin:0}.prawo{text-align:right}.srodek{text-align:center}
.adresat,.podpis{margin-left:52%}.podpis{text-align:center}.drobny,footer{font-size:.85rem}
h1+.podpis,p:not(.podpis)+.podpis,table+.podpis,ul+.podpis,div+.podpis{margin-top:2rem}
.tabela{overflow-x:auto}table{border-collapse:collapse;width:100%;margin:.8rem 0;font-size:.95rem}
th,td{border:1px solid #555;padding:.25rem .5rem;text-align:left;vertical-align:top}th.prawo,td.prawo{text-align:right;white-space:nowrap}
tfoot td{font-weight:bold}footer{margin-top:2rem;border-top:1px solid #555;padding-top:.5rem}
@media print{body{margin:0;max-width:none}thead{display:table-header-group}tr{break-inside:avoid}}";

/// Writes the page.
#[must_use]
pub fn page(content: &Content, imprint: &Imprint<'_>) -> String {
    let mut page = Html(String::new());
    page.markup("<!DOCTYPE html>\n<html lang=\"pl\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.markup(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
    );
    page.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    page.text(content.title().unwrap_or("Dokument"));
    page.markup("</title>\n<style>\n").markup(STYLE).markup("\n</style>\n</head>\n<body>\n<main>\n");
    content.blocks.iter().for_each(|block| page.block(block));
    page.markup("</main>\n<footer>\n");
    if !imprint.number.is_empty() {
        page.element("p", "", imprint.number);
    }
    page.element("p", "", &format!("Oryginałem jest dokument XML nr {}", imprint.id));
    page.markup("</footer>\n</body>\n</html>\n");
    page.0
}

struct Html(String);

impl Html {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading { level: Level::Title, text } => self.element("h1", "", text),
            Block::Heading { level: Level::Section, text } => self.element("h2", "", text),
            Block::Paragraph { layout, text } => self.element("p", layout.wire().unwrap_or_default(), text),
            Block::List(items) => {
                self.markup("<ul>\n");
                items.iter().for_each(|item| self.element("li", "", item));
                self.markup("</ul>\n");
            }
            Block::Table(table) => self.table(table),
        }
    }

    fn table(&mut self, table: &Table) {
        // Reached by keys, because it may be wider than the screen.
        self.markup(
            "<div class=\"tabela\" tabindex=\"0\" role=\"region\" aria-label=\"Tabela\">\n<table>\n<thead>\n<tr>",
        );
        let class = |at: usize| if table.columns[at].is_right { Layout::Right.wire().unwrap_or_default() } else { "" };
        for (at, column) in table.columns.iter().enumerate() {
            self.markup("<th scope=\"col\"").class(class(at)).markup(">").text(&column.title).markup("</th>");
        }
        self.markup("</tr>\n</thead>\n<tbody>\n");
        let row = |html: &mut Self, cells: &[String]| {
            html.markup("<tr>");
            for (at, cell) in cells.iter().enumerate() {
                html.markup("<td").class(class(at)).markup(">").text(cell).markup("</td>");
            }
            html.markup("</tr>\n");
        };
        table.rows.iter().for_each(|cells| row(self, cells));
        self.markup("</tbody>\n");
        if let Some(cells) = &table.sum {
            self.markup("<tfoot>\n");
            row(self, cells);
            self.markup("</tfoot>\n");
        }
        self.markup("</table>\n</div>\n");
    }

    fn element(&mut self, name: &'static str, class: &str, text: &str) {
        self.markup("<").markup(name).class(class).markup(">").text(text).markup("</").markup(name).markup(">\n");
    }

    fn class(&mut self, class: &str) -> &mut Self {
        if class.is_empty() { self } else { self.markup(" class=\"").text(class).markup("\"") }
    }

    /// Words of this file.
    fn markup(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Anybody's words.
    fn text(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other => self.0.push(other),
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::content::Column;
    use chrono::NaiveDate;

    const IMPRINT: Imprint<'_> = Imprint { id: "id\"<", number: "DE.1.2026 & nic", date: NaiveDate::MIN };

    fn sample(text: &str) -> Content {
        let cells = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let mut blocks = vec![
            Block::Heading { level: Level::Title, text: text.to_owned() },
            Block::Heading { level: Level::Section, text: text.to_owned() },
            Block::List(vec![text.to_owned()]),
            Block::Table(Table {
                columns: vec![
                    Column { title: text.to_owned(), is_right: false },
                    Column { title: "Kwota".to_owned(), is_right: true },
                ],
                rows: vec![cells([text, "1"])],
                sum: Some(cells(["Razem", "1"])),
            }),
        ];
        blocks.extend(Layout::ALL.map(|layout| Block::Paragraph { layout, text: text.to_owned() }));
        Content { blocks }
    }

    #[test]
    fn whatever_a_text_holds_stays_a_text() {
        let evil = "<script>alert('x')</script> & \"cudzysłów\" <!-- --> </style>";
        let page = page(&sample(evil), &IMPRINT);
        assert!(!page.contains("<script") && !page.contains("<!--") && !page.contains("alert('"));
        assert_eq!(page.matches("</style>").count(), 1);
        // The title of the page, and every text of the content that holds it.
        let escaped =
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;cudzysłów&quot; &lt;!-- --&gt; &lt;/style&gt;";
        assert_eq!(page.matches(escaped).count(), 1 + 2 + 1 + 2 + Layout::ALL.len());
        assert!(page.contains("XML nr id&quot;&lt;") && page.contains("DE.1.2026 &amp; nic"));
    }

    #[test]
    fn a_page_is_accessible_and_needs_nothing_else() {
        let page = page(&sample("Żółć"), &IMPRINT);
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"pl\">"));
        for part in
            ["<title>Żółć</title>", "<main>", "<h1>Żółć</h1>", "<th scope=\"col\">", "<thead>", "default-src 'none'"]
        {
            assert!(page.contains(part), "{part}");
        }
        for foreign in ["http:", "https:", "src=", "href=", "url(", "@import", "<script", "onload"] {
            assert!(!page.contains(foreign), "{foreign}");
        }
        assert_eq!(page.matches("class=\"prawo\"").count(), 4);
    }
}
