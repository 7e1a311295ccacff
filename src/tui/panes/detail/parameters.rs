//! The run's network, layer by layer.

use crate::model::{Geometry, thousands};
use crate::notebook::RunSummary;
use crate::tui::app::App;
use crate::tui::panes::layers;
use crate::tui::sheet::Sheet;
use crate::tui::theme::Tone;

/// Writes the part.
pub fn write(sheet: &mut Sheet, app: &App, run: &RunSummary, width: u16) {
    let spec = &run.spec;
    let geometry = app.geometry(&spec.data);
    match spec.model.network(geometry.unwrap_or(Geometry::LAB), spec.activation, spec.dropout) {
        Ok(network) => {
            sheet.heading(format!("{} parameters", thousands(network.parameter_count())));
            if geometry.is_none() {
                let text = format!("for the lab's trials of 2×750: {} can't be read here", spec.data.name);
                sheet.prose(Tone::Caution, &text, width.into());
            }
            layers::write(sheet, &network, width);
        }
        Err(error) => sheet.sentence(Tone::Bad, &error.to_string()),
    }
}
