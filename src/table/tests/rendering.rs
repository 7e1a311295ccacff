use super::super::render::{csv, detail_rows, json, latex, markdown, rows};
use super::*;

/// EEGNet better with ReLU than with ELU over three seeds; a single DeepConvNet, another one running.
fn example(rule: Rule) -> Matrix {
    let mut book = Book::new();
    for (seed, (relu, elu)) in (0..).zip([(0.90, 0.70), (0.91, 0.71), (0.89, 0.69)]) {
        book.reach(Model::eegnet(), RELU, seed, relu);
        book.reach(Model::eegnet(), ELU, seed, elu);
    }
    book.reach(Model::deepconvnet(), ELU, 0, 0.87);
    book.runs.push(waiting(Model::deepconvnet(), ELU, 1, RunState::Running));
    book.runs.push(waiting(Model::deepconvnet(), RELU, 1, RunState::Queued));
    book.under(rule)
}

#[test]
fn rows_hold_figures_marks_and_what_is_pending() {
    let rows = rows(&example(Rule::Validation));
    assert_eq!(rows[0], ["", "ReLU", "LeakyReLU", "ELU 1.0"]);
    assert_eq!(rows[1], ["EEGNet", "90.0 ± 1.0 (3) =", "–", "70.0 ± 1.0 (3)"]);
    assert_eq!(rows[2], ["DeepConvNet", "(1 queued)", "–", "87.0 [82.7–90.3] = (1 running)"]);
}

#[test]
fn details_hold_interval_and_time() {
    let details = detail_rows(&example(Rule::Validation));
    let head = |name: &str| details[0].iter().position(|head| head == name).unwrap();
    assert_eq!(details[1][..2], ["EEGNet", "ReLU"]);
    assert!(details[1][head("95 % interval")].starts_with("8"), "{details:?}");
    assert_eq!(details[1][head("kappa")], "0.800");
    assert_eq!(details[1][head("s/run")], "60");
    assert!(details[0].iter().all(|head| head != "validation %"), "no run says");
    assert_eq!(details.len(), 4);
}

#[test]
fn best_test_is_marked_everywhere() {
    let matrix = example(Rule::BestTest);
    assert!(matrix.title().contains("optimistic"));
    assert!(rows(&matrix)[1][1].starts_with("90.0* "));
    assert!(markdown(&matrix).contains("90.0\\* ±"), "{}", markdown(&matrix));
    assert!(latex(&matrix).contains("\\num{90.0 \\pm 1.0}* (3)") && latex(&matrix).contains("optimistic"));
    assert!(csv([&matrix]).lines().nth(1).unwrap().contains("best_test,true,accuracy,eegnet,relu"));
    assert_eq!(json(&matrix)["optimistic"], true);
}

#[test]
fn simulated_data_are_marked_everywhere() {
    let mut run = run(Model::eegnet(), ELU, 0, 0.85);
    run.spec.data = DataSource { name: "simulated".into(), path: None, fingerprint: "f".into() };
    let matrix = table(&[run]);
    assert!(matrix.notes().iter().any(|note| note.contains("simulated")));
    for text in [markdown(&matrix), latex(&matrix), csv([&matrix])] {
        assert!(text.contains("simulated"), "{text}");
    }
    assert_eq!(json(&matrix)["simulated"], true);
}

#[test]
fn markdown_is_a_table_with_its_notes() {
    let text = markdown(&example(Rule::Validation));
    let mut lines = text.lines();
    assert_eq!(
        lines.next().unwrap(),
        "IIIb, 300 epochs, batch 256, lr 0.001, weight decay 0.01, validation 0.2, nan train; \
         test accuracy %, rule: validation"
    );
    assert_eq!(lines.nth(1).unwrap(), "|  | ReLU | LeakyReLU | ELU 1.0 |");
    assert_eq!(lines.next().unwrap(), "|---|---|---|---|");
    assert_eq!(lines.next().unwrap(), "| EEGNet | 90.0 ± 1.0 (3) = | – | 70.0 ± 1.0 (3) |");
    assert!(text.contains("- EEGNet ReLU has the highest mean; not told apart"), "{text}");
}

#[test]
fn csv_has_one_line_a_cell_and_full_precision() {
    let text = csv([&example(Rule::Validation)]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 7);
    let heads: Vec<&str> = lines[0].split(',').collect();
    assert!(lines.iter().all(|line| line.split(',').count() == heads.len()), "{text}");
    let field = |line: usize, name: &str| {
        let place = heads.iter().position(|head| *head == name).unwrap();
        lines[line].split(',').nth(place).unwrap().to_owned()
    };
    assert_eq!(field(6, "model"), "deepconvnet");
    assert_eq!(field(6, "mean"), "0.87");
    assert_eq!(field(6, "running"), "1");
    assert_eq!(field(1, "seeds"), "0;1;2");
    assert_eq!(field(3, "standing"), "behind");
    assert!(field(3, "p").parse::<f64>().unwrap() < 0.05);
}

#[test]
fn names_can_do_no_harm() {
    let mut run = run(Model::eegnet(), ELU, 0, 0.85);
    run.spec.data.name = "50%_a|b\x1b[2J,\"c\"".into();
    let matrix = table(&[run]);
    for text in [markdown(&matrix), latex(&matrix), csv([&matrix])] {
        assert!(!text.contains('\x1b'), "{text:?}");
    }
    assert!(markdown(&matrix).starts_with("50%\\_a\\|b"));
    assert!(csv([&matrix]).contains("\"50%_a|b\u{fffd}[2J,\"\"c\"\"\""));
}

#[test]
fn a_latex_table_has_its_intervals_and_no_name_can_break_it() {
    let text = latex(&example(Rule::Validation));
    let lines: Vec<&str> = text.lines().collect();
    let figures = lines.iter().position(|line| line.starts_with("EEGNet & ")).unwrap();
    assert!(lines[figures + 1].starts_with(" & {\\footnotesize [8"), "{text}");
    assert!(!text.contains(" &  &  & "), "no line of nothing: {text}");
    let escaped = crate::table::render::latex_text;
    assert_eq!(
        escaped("a_b%c&d#e$f{g}h~i^j\\"),
        "a\\_b\\%c\\&d\\#e\\$f\\{g\\}h\\textasciitilde{}i\\textasciicircum{}j\\textbackslash{}"
    );
    assert_eq!(escaped("a--b ,, é"), "a-{}-b ,{}, é");
    assert_eq!(escaped("α ≤ данные"), "$\\alpha$ $\\leq$ U+0434U+0430U+043DU+043DU+044BU+0435");
    let rows = [["set", "x"], ["[a]", "[b]"], ["*", "c"]].map(|row| row.map(str::to_owned).to_vec());
    let rows = crate::table::render::latex_rows(&rows);
    assert!(rows.contains("\n{}[a] & [b] ") && rows.contains("\n{}* & c "), "{rows}");
}

#[test]
fn json_holds_every_run_behind_a_cell() {
    let value = json(&example(Rule::Validation));
    let cell = &value["cells"][0];
    assert_eq!(
        (&cell["model"], &cell["activation"], &cell["standing"]),
        (&"eegnet".into(), &"relu".into(), &"not_told_apart".into())
    );
    assert_eq!(value["cells"][2]["standing"], "behind");
    assert!(value["cells"][2]["p"].as_f64().unwrap() < 0.05);
    assert!(value["cells"][2]["difference"]["high"].as_f64().unwrap() < 0.0);
    assert_eq!(cell["interval"]["covers"], "seeds and trials");
    assert_eq!(value["chance"]["hits"], 165);
    assert_eq!(value["cells"][1]["standing"], serde_json::Value::Null);
    assert_eq!(cell["runs"].as_array().unwrap().len(), 3);
    assert_eq!(value["cells"][5]["pending"]["running"], 1);
    assert_eq!(value["cells"][5]["interval"]["method"], "wilson");
}
