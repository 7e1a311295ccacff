use super::*;

/// EEGNet with ReLU around 0.9 and ELU lower by `differences`, seed by seed.
fn paired(differences: &[f64]) -> Matrix {
    let base = [0.90, 0.91, 0.89, 0.905, 0.895];
    let mut runs = Vec::new();
    for (seed, difference) in differences.iter().enumerate() {
        runs.push(run(Model::eegnet(), Activation::Relu, seed as u64, base[seed]));
        runs.push(run(Model::eegnet(), ELU, seed as u64, base[seed] - difference));
    }
    table(&runs)
}

fn standings(matrix: &Matrix) -> Vec<Standing> {
    matrix.cells.iter().filter(|cell| cell.summary.is_some()).map(|cell| cell.standing).collect()
}

#[test]
fn a_steady_difference_makes_a_winner() {
    let [best, behind] = standings(&paired(&[0.04, 0.05, 0.045, 0.055, 0.05]))[..] else { panic!() };
    assert_eq!(best, Standing::Best);
    // scipy.stats.ttest_1samp([.04, .05, .045, .055, .05], 0).pvalue; one pair, so Holm changes nothing.
    let Standing::Behind { p } = behind else { panic!("{behind:?}") };
    assert!((p - 4.7e-5).abs() < 1e-6, "{p}");
}

#[test]
fn an_unsteady_difference_makes_none() {
    let matrix = paired(&[0.04, -0.03, 0.045, -0.02, 0.05]);
    assert_eq!(standings(&matrix), [Standing::Leading, Standing::Tied]);
}

#[test]
fn one_cell_alone_is_no_winner() {
    assert_eq!(standings(&table(&[run(Model::eegnet(), ELU, 0, 0.8)])), [Standing::Alone]);
}

#[test]
fn without_common_seeds_nothing_is_claimed() {
    let runs = [
        run(Model::eegnet(), Activation::Relu, 0, 0.99),
        run(Model::eegnet(), Activation::Relu, 1, 0.98),
        run(Model::eegnet(), ELU, 2, 0.60),
        run(Model::eegnet(), ELU, 3, 0.61),
    ];
    assert_eq!(standings(&table(&runs)), [Standing::Leading, Standing::Untested]);
}

#[test]
fn single_runs_are_compared_on_their_trials() {
    let runs = [run(Model::eegnet(), Activation::Relu, 0, 0.95), run(Model::eegnet(), ELU, 0, 0.75)];
    let judged = |wrong: &dyn Fn(&str, usize) -> bool| {
        let of = |id: &str, _| Some(predictions(|trial| wrong(id, trial)));
        standings(&Matrix::activations(&runs, &recipe_of(&runs[0]), Rule::Last, &of))
    };
    // ReLU is wrong on 5 trials, ELU on 25, the 5 among them: 0 against 20, p = 2 / 2²⁰.
    let apart = judged(&|id, trial| trial < if id.contains("ReLU") { 5 } else { 25 });
    let [Standing::Best, Standing::Behind { p }] = apart[..] else { panic!("{apart:?}") };
    assert!((p - 2.0 / 2f64.powi(20)).abs() < 1e-12, "{p}");
    // 5 wrong against 25 others wrong would be apart too; 20 against 25 others is not.
    let alike = judged(&|id, trial| if id.contains("ReLU") { trial < 20 } else { trial >= 75 });
    assert_eq!(alike, [Standing::Leading, Standing::Tied]);
    // Without predictions there is no test.
    assert_eq!(standings(&table(&runs)), [Standing::Leading, Standing::Untested]);
}

#[test]
fn many_cells_make_a_claim_harder() {
    // p of the pair alone is 0.009; among all pairs of six cells it is no longer below 0.05.
    let differences = [0.05, 0.02, 0.045, 0.015, 0.05];
    assert!(matches!(standings(&paired(&differences))[1], Standing::Behind { .. }));
    let mut runs = Vec::new();
    for seed in 0..5u64 {
        let noise: f64 = [0.0, 0.01, -0.01, 0.005, -0.005][seed as usize];
        let difference = differences[seed as usize];
        for model in Model::lab() {
            for (activation, loss) in
                [(Activation::LAB[0], 0.0), (Activation::LAB[1], difference * 0.9), (ELU, difference)]
            {
                let of_model = if model == Model::eegnet() { 0.0 } else { 0.01 * noise.signum() + 0.004 };
                runs.push(run(model.clone(), activation, seed, 0.9 + noise - loss - of_model));
            }
        }
    }
    let matrix = table(&runs);
    assert_eq!(matrix.cell(0, 0).standing, Standing::Leading);
    assert_eq!(matrix.cell(0, 2).standing, Standing::Tied);
}

#[test]
fn a_sweep_is_judged_model_by_model() {
    let mut runs = Vec::new();
    for (seed, noise) in (0..).zip([0.0, 0.004, -0.003, 0.002, -0.004]) {
        for (alpha, accuracy) in [(0.1, 0.90), (0.5, 0.80 + noise)] {
            runs.push(run(Model::eegnet(), Activation::Elu { alpha }, seed, accuracy));
            runs.push(run(Model::deepconvnet(), Activation::Elu { alpha }, seed, accuracy - 0.2));
        }
    }
    let sweep = Matrix::alpha_sweep(&runs, &recipe_of(&runs[0]), Rule::Last, &|_, _| None);
    assert_eq!(sweep.cell(0, 0).standing, Standing::Best);
    assert_eq!(sweep.cell(1, 0).standing, Standing::Best);
}
