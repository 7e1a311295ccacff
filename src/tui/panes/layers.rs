//! A network as a table: layer, output shape, parameters, multiply-adds.

use crate::model::{Network, thousands};
use crate::tui::sheet::Sheet;
use crate::tui::theme::Tone;

/// Columns of a row in full.
const FULL: u16 = 64;

/// Writes the table and its sums; a narrow one does without shapes and multiply-adds.
pub fn write(sheet: &mut Sheet, network: &Network, width: u16) {
    let line = |what: &str, output: &str, parameters: &str, multiply_adds: &str| match width >= FULL {
        true => format!(" {what:<27}{output:>13}{parameters:>10}{multiply_adds:>13}"),
        false => format!(" {what:<26}{parameters:>10}"),
    };
    let blank_if_zero = |count: usize| if count == 0 { String::new() } else { thousands(count) };
    let rows = network.rows();
    sheet.line(Tone::Dim, line("layer", "output", "params", "mult-adds"));
    for row in &rows {
        let output = row.output;
        let shape = format!("{}×{}×{}", output.features, output.electrodes, output.samples);
        let counts = [row.parameters, row.multiply_adds].map(blank_if_zero);
        let what = sheet.spell(&row.what);
        sheet.line(Tone::Plain, line(&what, &shape, &counts[0], &counts[1]));
    }
    let parameters: usize = rows.iter().map(|row| row.parameters).sum();
    let multiply_adds: usize = rows.iter().map(|row| row.multiply_adds).sum();
    sheet.line(Tone::Strong, line("total", "", &thousands(parameters), &thousands(multiply_adds)));
}
