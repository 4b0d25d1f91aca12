//! The house keeps its own rules.

#[test]
fn the_workspace_is_tidy() {
    let root = xtask::shell::workspace_root().unwrap();
    let report = xtask::tidy::check(&root).unwrap();
    assert!(report.is_clean(), "{report}");
}
