//! A frame as a picture: what the README shows is drawn by the code that it is about.

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use std::fmt::Write as _;

/// A cell's size, and where on it text stands.
const COLUMN: usize = 8;
const ROW: usize = 17;
const BASE: usize = 13;

const BACKGROUND: &str = "#14171d";
const TEXT: &str = "#d7dae0";

/// Draws a frame in which colours are true ones or the terminal's own.
pub(crate) fn svg(buffer: &Buffer, title: &str) -> String {
    let (columns, rows) = (usize::from(buffer.area.width), usize::from(buffer.area.height));
    let (width, height) = (columns * COLUMN, rows * ROW);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"{BACKGROUND}\"/>\n\
         <g font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"13\">\n",
        escaped(title)
    );
    for (row, cells) in buffer.content.chunks(columns.max(1)).enumerate() {
        for (column, run) in runs(cells) {
            write_run(&mut svg, row, column, run);
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

/// Neighbours that look the same, and the column where each run of them begins.
fn runs(cells: &[Cell]) -> impl Iterator<Item = (usize, &[Cell])> {
    let mut column = 0;
    cells.chunk_by(|a, b| (a.fg, a.bg, a.modifier) == (b.fg, b.bg, b.modifier)).map(move |run| {
        let begins = column;
        column += run.len();
        (begins, run)
    })
}

fn write_run(svg: &mut String, row: usize, column: usize, run: &[Cell]) {
    let look = &run[0];
    let (x, y, width) = (column * COLUMN, row * ROW, run.len() * COLUMN);
    if let Some(fill) = colour(look.bg) {
        let _ =
            writeln!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{ROW}\" fill=\"{fill}\"/>");
    }
    let fill = colour(look.fg).unwrap_or_else(|| TEXT.to_owned());
    let mut more = String::new();
    if look.modifier.contains(Modifier::BOLD) {
        more.push_str(" font-weight=\"bold\"");
    }
    if look.modifier.contains(Modifier::CROSSED_OUT) {
        more.push_str(" text-decoration=\"line-through\"");
    }
    for (begins, words) in phrases(run) {
        let (x, y, width) = (x + begins * COLUMN, y + BASE, words.len() * COLUMN);
        let text: String = words.iter().map(Cell::symbol).collect();
        // With its length given, it takes its columns whatever font there is.
        let _ = writeln!(
            svg,
            "<text x=\"{x}\" y=\"{y}\" textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{fill}\"{more}>{}</text>",
            escaped(&text)
        );
    }
}

/// Words with single blanks between them, and where each of these begins: viewers leave out other blanks.
fn phrases(run: &[Cell]) -> Vec<(usize, &[Cell])> {
    let is_blank = |at: usize| run.get(at).is_none_or(|cell| cell.symbol() == " ");
    let (mut phrases, mut at) = (Vec::new(), 0);
    while at < run.len() {
        if is_blank(at) {
            at += 1;
            continue;
        }
        let begins = at;
        while !(is_blank(at) && is_blank(at + 1)) {
            at += 1;
        }
        phrases.push((begins, &run[begins..at]));
    }
    phrases
}

fn colour(colour: Color) -> Option<String> {
    match colour {
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        _ => None,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
