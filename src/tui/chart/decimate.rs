//! Fewer points for fewer columns, without losing a peak: of all points that fall into a column the first, lowest,
//! highest and last are kept, in their order. A line through them covers the same dots as a line through all.

/// A place in dots: column from the left, row from the top; both may lie outside the raster.
pub type Place = (f64, f64);

/// Thins a run of connected places, ordered by column, to at most four a column.
pub fn decimate(run: &[Place]) -> Vec<Place> {
    run.chunk_by(|a, b| a.0.round() == b.0.round()).flat_map(extremes).collect()
}

/// First, lowest, highest and last of one column, in order and without repetition.
fn extremes(column: &[Place]) -> Vec<Place> {
    if column.len() <= 4 {
        return column.to_vec();
    }
    let by_row = |a: &usize, b: &usize| column[*a].1.total_cmp(&column[*b].1);
    let lowest = (0..column.len()).min_by(by_row).unwrap_or(0);
    let highest = (0..column.len()).max_by(by_row).unwrap_or(0);
    let mut kept = vec![0, lowest, highest, column.len() - 1];
    kept.sort_unstable();
    kept.dedup();
    kept.into_iter().map(|index| column[index]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_column_keeps_its_extremes(rows in prop::collection::vec(-100.0f64..100.0, 1..400), per_column in 1usize..40) {
            let run: Vec<Place> =
                rows.iter().enumerate().map(|(i, &row)| ((i / per_column) as f64, row)).collect();
            let kept = decimate(&run);
            prop_assert!(kept.len() <= run.len().min(4 * (run.len() / per_column + 1)));
            for column in 0..=(run.len() / per_column) {
                let span = |places: &[Place]| {
                    places.iter().filter(|place| place.0 == column as f64).fold(None, |span: Option<(f64, f64)>, place| {
                        let (lo, hi) = span.unwrap_or((place.1, place.1));
                        Some((lo.min(place.1), hi.max(place.1)))
                    })
                };
                prop_assert_eq!(span(&run), span(&kept));
            }
            prop_assert_eq!((run.first(), run.last()), (kept.first(), kept.last()));
        }
    }
}
