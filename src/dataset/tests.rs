use super::*;
use std::path::Path;

#[test]
fn the_simulated_set_has_the_reference_geometry() {
    let data = load(None, Path::new("data")).unwrap();
    assert_eq!(data.geometry(), Geometry::LAB);
    assert!(data.is_simulated());
    for set in [&data.train, &data.test] {
        assert_eq!(set.len(), 1080);
        assert_eq!(set.per_class(2), [540, 540]);
        assert_eq!(set.signal.len(), 1080 * 750 * 2);
    }
}
