//! Which functions get mutants, and which sites these count against.

use std::collections::BTreeMap;

use super::functions::regions;
use super::operators::tests::sources;

/// The functions with mutants, and the lines of the sites that each serves.
fn served(text: &str) -> BTreeMap<String, Vec<u32>> {
    let (sources, sites) = sources(text);
    let line = |id| {
        sites
            .iter()
            .find(|site| site.id == id)
            .map(|site| site.span.line)
    };
    let found = regions(&sources, &sites);
    let found = found.into_iter().map(|region| {
        let mut lines: Vec<u32> = region
            .serves
            .iter()
            .filter_map(|id| line(id.clone()))
            .collect();
        lines.sort_unstable();
        (region.name().to_owned(), lines)
    });
    found.collect()
}

#[test]
fn functions_with_sites_of_their_types_and_what_they_call_get_mutants() {
    let text = "struct A; struct B;
fn plain() {}
fn with_site() { helper(); unsafe { g() } }
fn helper() {}
impl A { fn touches(&mut self) { self.n = 1; }
 fn reads(&self) { unsafe { h() } } }
impl B { fn other(&self) {} }
fn atomic(a: &AtomicU8) { a.load(Ordering::Acquire); }";
    let served = served(text);
    assert_eq!(served.get("plain"), None);
    assert_eq!(served.get("other"), None);
    assert_eq!(served["with_site"], [3]);
    assert_eq!(served["helper"], [3], "by its caller");
    assert_eq!(served["touches"], [6], "by its type");
    assert_eq!(served["reads"], [6]);
    assert_eq!(
        served["atomic"],
        [3, 6],
        "nobody calls it, so that it counts against all"
    );
}

#[test]
fn a_function_without_sites_serves_those_of_its_callers() {
    let text = "impl H { fn tail(&self) -> usize { self.t.load(Ordering::Acquire) } }
fn fresh(h: &H) -> usize { h.tail() }
impl R { fn try_read(&mut self) { self.seen = fresh(&self.h); }
 fn take(&mut self) { unsafe { p.read() } } }
impl W { fn write(&mut self) { unsafe { p.write(1) } } }";
    let served = served(text);
    assert_eq!(
        served["tail"],
        [4],
        "through fresh and try_read, by the type of that"
    );
    assert_eq!(served["write"], [5]);
}

#[test]
fn an_unsafe_impl_is_a_site_of_its_type() {
    let text = "unsafe impl Sync for A {}
impl A { fn f(&self) {} }
unsafe fn g() {}";
    let served = served(text);
    assert_eq!(served["f"], [1]);
    assert_eq!(served["g"], [3]);
}

#[test]
fn without_sites_there_is_nothing_to_mutate() {
    assert_eq!(
        served("fn f(a: &AtomicU8) { a.load(Ordering::Acquire); }").len(),
        0
    );
}
