//! What electrodes are called: files write one name in several ways, and place them in several orders.

/// A name as it is compared: without case, and without the dots that EDF pads names with.
pub fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_lowercase()
}

/// Whether two lists name the same electrodes, in whatever order.
pub fn same_set(one: &[String], other: &[String]) -> bool {
    let sorted = |names: &[String]| {
        let mut names: Vec<String> = names.iter().map(|name| plain(name)).collect();
        names.sort_unstable();
        names
    };
    sorted(one) == sorted(other)
}
