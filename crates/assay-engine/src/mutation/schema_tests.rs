//! What the text of a file becomes, and whom an error in it is about.

use assay_evidence::Operator;

use super::candidate::{Candidate, Form};
use super::functions::regions;
use super::operators::candidates;
use super::operators::tests::sources;
use super::schema::{Woven, weave};

fn made(text: &str, operators: &[Operator]) -> Vec<Candidate> {
    let (sources, sites) = sources(text);
    let regions = regions(&sources, &sites);
    let mut found = candidates("fixture", &sources, &sites, &regions);
    found.retain(|candidate| operators.contains(&candidate.operator));
    found
}

fn woven(text: &str, candidates: &[Candidate]) -> Woven {
    let numbered: Vec<(u32, &Candidate)> = (0..).zip(candidates).collect();
    weave(text, &numbered, None)
}

#[test]
fn a_choice_stands_on_the_line_of_what_it_replaces() {
    let text = "fn f() {\n  unsafe { p.add(n) }\n  a.store(1, // why\n    Ordering::Release);\n}\n";
    let found = made(text, &[Operator::OffByOne, Operator::WeakenOrdering]);
    let expected = [
        "fn f() {",
        "  unsafe { p.add((if assay_probe::mutant(0) { n + 1 } else { n })) }",
        "  a.store(1, // why",
        "    (if assay_probe::mutant(1) { Ordering::Relaxed } else { Ordering::Release }));",
        "}",
    ];
    assert_eq!(
        woven(text, &found).text.lines().collect::<Vec<_>>(),
        expected
    );
}

#[test]
fn mutants_of_one_place_are_one_choice_and_those_inside_it_stand_in_the_original() {
    let text = "fn f() { if a < b[i] { return } unsafe { g() } }";
    let found = made(
        text,
        &[
            Operator::DropCheck,
            Operator::NegateCheck,
            Operator::OffByOne,
        ],
    );
    let numbers = [
        Operator::DropCheck,
        Operator::NegateCheck,
        Operator::OffByOne,
    ]
    .map(|wanted| {
        found
            .iter()
            .position(|c| c.operator == wanted)
            .expect("there")
    });
    let [drop, negate, index] = numbers;
    let (first, second) = (drop.min(negate), drop.max(negate));
    let texts = [(drop, "false"), (negate, "!(a < b[i])")];
    let text_of = |number: usize| texts.iter().find(|t| t.0 == number).expect("there").1;
    let wanted = format!(
        "fn f() {{ if (if assay_probe::mutant({first}) {{ {} }} else if assay_probe::mutant({second}) {{ {} }} \
         else {{ a < b[(if assay_probe::mutant({index}) {{ i + 1 }} else {{ i }})] }}) {{ return }} unsafe {{ g() }} }}",
        text_of(first),
        text_of(second),
    );
    assert_eq!(woven(text, &found).text, wanted);
}

#[test]
fn statements_stay_statements() {
    let text = "fn f() { unsafe { p.write(1) }; self.len += 1; }";
    let found = made(text, &[Operator::LengthBeforeWrite]);
    assert_eq!(
        woven(text, &found).text,
        "fn f() { if assay_probe::mutant(0) { self.len += 1; unsafe { p.write(1) }; } else { \
         unsafe { p.write(1) }; self.len += 1; } }"
    );
}

#[test]
fn what_overlaps_without_holding_the_other_is_left_out() {
    let text = "fn f() { a(); b(); c(); unsafe { g() } }";
    let mut found = made(
        "fn f() { p[i]; p[j]; unsafe { g() } }",
        &[Operator::OffByOne],
    );
    let at = |word: &str| text.find(word).expect("there");
    for (candidate, (from, to)) in found.iter_mut().zip([("a()", "c()"), ("b()", "unsafe")]) {
        candidate.form = Form::Statements;
        (candidate.from, candidate.to) = (at(from), at(to));
    }
    let woven = woven(text, &found);
    assert_eq!(woven.left_out, [1]);
    assert_eq!(woven.numbers().collect::<Vec<_>>(), [0]);
}

#[test]
fn a_macro_reaches_the_probe_through_its_own_crate_and_a_root_links_it() {
    let text = "macro_rules! m { () => { fn f() { unsafe { p.add(n) } } } }";
    let found = made(text, &[Operator::OffByOne]);
    let numbered: Vec<(u32, &Candidate)> = (0..).zip(&found).collect();
    let link = Some((0, "extern crate assay_probe as __assay; ".to_owned()));
    let woven = weave(text, &numbered, link);
    assert!(
        woven
            .text
            .starts_with("extern crate assay_probe as __assay; macro_rules!")
    );
    assert!(
        woven.text.contains("if $crate::__assay::mutant(0) {"),
        "{}",
        woven.text
    );
}

#[test]
fn an_error_is_about_the_mutant_in_whose_code_it_stands() {
    let text = "fn f() { p.add(n); q.add(m); unsafe { g() } }";
    let woven = woven(text, &made(text, &[Operator::OffByOne]));
    let at = |words: &str| woven.text.find(words).expect("there");
    assert_eq!(woven.blamed(at("m + 1"), at("m + 1") + 1), [1]);
    let original = at("else { n }") + 7;
    assert_eq!(
        woven.blamed(original, original + 1),
        [0],
        "by the choice around it"
    );
    assert_eq!(woven.blamed(at("fn f"), at("fn f") + 2), [0; 0]);
    let (from, to) = woven.lines_of(3, 4);
    assert_eq!(woven.blamed(from, to), [0, 1]);
}
