//! The page in a real browser: its controls are clicked, and what they do is read back.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use assay_evidence::{Evidence, LayerName, render};

use crate::realistic;

/// Clicks the real controls and writes what can then be seen into the title.
const DRIVER: &str = r#"
const visible = () => [...document.querySelectorAll('#sites .matrix tbody tr')]
  .filter((row) => row.getClientRects().length > 0);
const byId = (id) => document.getElementById(id);
const choose = (id, value) => {
  byId(id).value = value;
  byId(id).dispatchEvent(new Event("input", { bubbles: true }));
};
const seen = {};
const count = (name) => { seen[name] = visible().length; };
count("all");
choose("f-state", "refuted");
count("refuted");
seen.refuted_state = visible().map((row) => row.dataset.state).join();
choose("f-state", "");
choose("f-layer", "!unit");
count("not_unit");
choose("f-layer", "asan");
count("asan");
choose("f-kind", "impl");
count("asan_impl");
document.querySelector(".filters button[type=reset]").click();
setTimeout(() => {
  count("cleared");
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "/" }));
  seen.focused = document.activeElement.id;
  choose("f-text", "pop PointerRead");
  count("no_such");
  seen.none_shown = !document.querySelector(".none").hidden;
  choose("f-text", "consumer POP");
  count("pop");
  seen.output = byId("f-count").textContent;
  document.querySelector(".theme").click();
  seen.theme = document.documentElement.dataset.theme;
  seen.injected = document.querySelectorAll("main script, main img, main iframe").length;
  seen.width = document.documentElement.scrollWidth - innerWidth;
  document.title = JSON.stringify(seen);
}, 0);
"#;

/// Waits for the driver of every frame and leaves only what they saw.
const COLLECTOR: &str = r#"
const frames = [...document.querySelectorAll("iframe")];
const look = () => {
  const titles = frames.map((frame) => frame.contentDocument?.title ?? "");
  if (titles.every((title) => title.startsWith("{"))) {
    document.body.textContent = "SE" + "EN[" + titles.join() + "]END";
  } else {
    setTimeout(look, 20);
  }
};
look();
"#;

#[test]
fn the_filters_of_the_page_do_what_they_say_in_a_browser() {
    let Some(browser) = browser() else { return };
    let evidence = realistic::large(120);
    let seen = drive(&browser, &evidence, &[1280]).remove(0);
    let sites = evidence.sites.len();
    let verdict = assay_evidence::verdict(&evidence);
    let under = |layer| {
        verdict
            .sites
            .iter()
            .filter(|s| s.hits.contains_key(&layer))
            .count()
    };
    let impls = evidence
        .sites
        .iter()
        .zip(&verdict.sites)
        .filter(|(site, v)| {
            site.kind == assay_evidence::SiteKind::Impl && v.hits.contains_key(&LayerName::Asan)
        });
    assert_eq!(seen["all"], sites);
    assert_eq!(seen["refuted"], 1);
    assert_eq!(seen["refuted_state"], "refuted");
    assert_eq!(seen["not_unit"], sites - under(LayerName::Unit));
    assert_eq!(seen["asan"], under(LayerName::Asan));
    assert_eq!(seen["asan_impl"], impls.count());
    assert_eq!(seen["cleared"], sites);
    assert_eq!(seen["focused"], "f-text");
    assert_eq!(seen["no_such"], 0);
    assert_eq!(seen["none_shown"], true);
    assert_eq!(seen["pop"], 1);
    assert_eq!(seen["output"], format!("1 of {sites} sites"));
    assert_eq!(seen["theme"], "dark");
    assert_eq!(seen["injected"], 0);
}

#[test]
fn the_page_runs_its_own_script_under_its_own_policy() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let page = render::html(&realistic::refuted());
    let foreign = page.replace(
        "</body>",
        "<script>document.title = 'foreign'</script></body>",
    );
    let start = folder.path().join("page.html");
    fs::write(&start, foreign).expect("the folder can be written");
    let dom = open(&browser, folder.path(), &start);
    assert!(dom.contains("6 of 6 sites"), "the filters count");
    assert!(!dom.contains("<title>foreign"), "another script ran");
}

#[test]
fn the_page_does_not_overflow_at_any_width() {
    let Some(browser) = browser() else { return };
    let widths = [390, 600, 768, 1024, 1280, 1920];
    for evidence in [realistic::refuted(), realistic::large(30)] {
        let seen = drive(&browser, &evidence, &widths);
        for (width, seen) in widths.iter().zip(seen) {
            assert_eq!(seen["all"], evidence.sites.len());
            assert!(
                seen["width"].as_i64().unwrap() <= 0,
                "{width}: {}",
                seen["width"]
            );
        }
    }
}

/// The browser that the machine has.
fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ];
    let found = std::env::split_paths(&path)
        .flat_map(|dir| names.map(|name| dir.join(name)))
        .find(|file| file.is_file());
    if found.is_none() {
        // Past the harness, which keeps back what a passing test prints.
        writeln!(std::io::stderr(), "not run: chromium not found").expect("stderr takes it");
    }
    found
}

/// Opens the page in frames of the given widths, runs the driver in each, and returns what it saw.
///
/// Frames, because Chromium's own window is never narrower than 500 pixels.
fn drive(browser: &Path, evidence: &Evidence, widths: &[u32]) -> Vec<serde_json::Value> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let page = render::html(evidence);
    // The page's own policy would keep the driver out; another test is about the policy.
    let policy = page
        .find("<meta http-equiv=\"Content-Security-Policy\"")
        .expect("the page has a policy");
    let end = policy + page[policy..].find('>').expect("the element ends") + 1;
    let unlocked = format!("{}{}", &page[..policy], &page[end..]);
    let driven = unlocked.replace("</body>", &format!("<script>{DRIVER}</script></body>"));
    fs::write(folder.path().join("page.html"), driven).expect("the folder can be written");
    let frames: String = widths
        .iter()
        .map(|width| format!("<iframe width={width} height=800 src=page.html></iframe>"))
        .collect();
    let start = folder.path().join("frames.html");
    fs::write(
        &start,
        format!("<!doctype html><body>{frames}<script>{COLLECTOR}</script></body>"),
    )
    .expect("the folder can be written");
    let dom = open(browser, folder.path(), &start);
    let text = dom.split("SEEN").nth(1).and_then(|t| t.split("END").next());
    let text = text.unwrap_or_else(|| panic!("the driver did not end: {dom}"));
    serde_json::from_str(&text.replace("&quot;", "\"")).expect("the driver writes JSON")
}

/// What the page has become when nothing is left to run.
fn open(browser: &Path, folder: &Path, start: &Path) -> String {
    let out = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .args([
            "--allow-file-access-from-files",
            "--virtual-time-budget=20000",
            "--dump-dom",
        ])
        .arg("--window-size=2000,1000")
        .arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ))
        .arg(format!("file://{}", start.display()))
        .stderr(Stdio::null())
        .output()
        .expect("the browser starts");
    String::from_utf8_lossy(&out.stdout).into_owned()
}
