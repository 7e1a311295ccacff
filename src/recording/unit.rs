//! Units of measurement: how many µV one of a file's own is. A unit that isn't known is never taken for volts.

/// The voltages and what one of them is in µV; the first notation is the one that is printed.
const VOLTAGES: [(f64, &[&str]); 4] = [
    (1e6, &["V", "v", "volt", "volts"]),
    (1e3, &["mV", "mv", "millivolt"]),
    (1.0, &["µV", "μV", "uV", "uv", "UV", "µv", "microvolt", "microvolts", "ÂµV"]),
    (1e-3, &["nV", "nv", "nanovolt"]),
];

/// GDF's code of the volt (ISO/IEEE 11073-10101); prefixes are added to it.
const GDF_VOLT: u16 = 4256;

/// One of these in µV; `None` where it is no voltage or not known.
pub fn microvolts(unit: &str) -> Option<f64> {
    let unit = unit.trim();
    VOLTAGES.iter().find(|(_, names)| names.contains(&unit)).map(|&(factor, _)| factor)
}

/// The notation of a voltage that is always the same; others are left as they are.
pub fn notation(unit: &str) -> String {
    let unit = unit.trim();
    let known = VOLTAGES.iter().find(|(_, names)| names.contains(&unit));
    known.map_or(unit, |(_, names)| names[0]).to_owned()
}

/// The unit that a GDF 2 dimension code stands for; `None` where the code isn't one of a voltage.
pub fn of_gdf_code(code: u16) -> Option<&'static str> {
    let prefixes = [(0, "V"), (18, "mV"), (19, "µV"), (20, "nV")];
    prefixes.iter().find(|(prefix, _)| code == GDF_VOLT + prefix).map(|&(_, unit)| unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voltage_is_known_however_it_is_written_and_nothing_else_is_one() {
        for (unit, factor) in
            [("V", 1e6), (" mV", 1e3), ("uV", 1.0), ("µV", 1.0), ("\u{3bc}V", 1.0), ("nV", 1e-3)]
        {
            assert_eq!(microvolts(unit), Some(factor), "{unit}");
        }
        for unit in ["", "µS", "Boolean", "C", "MV", "%"] {
            assert_eq!(microvolts(unit), None, "{unit}");
        }
        assert_eq!(notation("uV"), "µV");
        assert_eq!(of_gdf_code(4274), Some("mV"));
        assert_eq!(of_gdf_code(512), None);
    }
}
