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
    let data = app.data.ready().filter(|data| data.source.fingerprint == spec.data.fingerprint);
    let geometry = data.map_or(Geometry::LAB, |data| data.geometry());
    match spec.model.network(geometry, spec.activation, spec.dropout) {
        Ok(network) => {
            sheet.heading(format!("{} parameters", thousands(network.parameter_count())));
            if data.is_none() {
                sheet.line(Tone::Dim, " for the lab's trials of 2×750; this run's data are not loaded");
            }
            layers::write(sheet, &network, width);
        }
        Err(error) => sheet.line(Tone::Bad, error.to_string()),
    }
}
