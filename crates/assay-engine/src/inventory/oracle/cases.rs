//! Texts that the comparison with a parser found the walker wrong on, and those that no parser reads.

use assay_evidence::SiteKind::{self, Attribute, Block, ExternBlock, Function, Impl, StaticMut};

use super::super::source::Source;
use super::super::syntax::scan;

/// Kind, item, conditions and whether a body is known, in order.
fn sites(text: &str) -> Vec<(SiteKind, String, String, bool)> {
    let source = Source::new(String::new(), text.to_owned()).expect("lexes");
    let cfgs = |cfgs: &[super::super::cfg::Cfg]| {
        let texts: Vec<String> = cfgs.iter().map(ToString::to_string).collect();
        texts.join("; ")
    };
    scan(&source, &[])
        .sites
        .into_iter()
        .map(|site| (site.kind, site.item, cfgs(&site.cfgs), site.body.is_some()))
        .collect()
}

fn assert_sites(text: &str, expected: &[(SiteKind, &str, &str, bool)]) {
    let found = sites(text);
    let found: Vec<_> = found
        .iter()
        .map(|(kind, item, cfgs, body)| (*kind, item.as_str(), cfgs.as_str(), *body))
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn a_constant_parameter_names_no_item() {
    let text = "impl<T, const N: usize> Ring<T, N> { fn get() { unsafe { f() } } }
        fn free<const M: usize>() { unsafe { f() } } const C: u8 = unsafe { f() };";
    assert_sites(
        text,
        &[
            (Block, "Ring<T, N>::get", "", true),
            (Block, "free", "", true),
            (Block, "C", "", true),
        ],
    );
}

#[test]
fn a_block_behind_an_attribute_ends_the_attributes_reach() {
    let text = "fn f() {
        #[cfg(a)] unsafe { f() } if unsafe { f() } {}
        #[cfg(b)] if x { unsafe { f() } } if y { unsafe { f() } }
        #[cfg(c)] { unsafe { f() } } unsafe { f() }
    }";
    assert_sites(
        text,
        &[
            (Block, "f", "a", true),
            (Block, "f", "", true),
            (Block, "f", "b", true),
            (Block, "f", "", true),
            (Block, "f", "c", true),
            (Block, "f", "", true),
        ],
    );
}

#[test]
fn code_in_the_head_of_an_impl_or_a_trait_is_read() {
    let text = "impl X for Y where (): Z<Self, { unsafe impl W for V {} 1 }> {}
        trait T: U<{ unsafe { f() } }> {}";
    assert_sites(
        text,
        &[
            (Impl, "<Y as X>::<V as W>", "", false),
            (Block, "T", "", true),
        ],
    );
}

#[test]
fn extern_blocks_hold_attributes_and_no_sites_of_their_statics() {
    let text = "unsafe extern \"C\" { #[unsafe(ffi_const)] safe fn f() -> u8; static mut X: u8; } static mut Y: u8 = 0;";
    assert_sites(
        text,
        &[
            (ExternBlock, "crate", "", false),
            (Attribute, "f", "", false),
            (StaticMut, "Y", "", false),
        ],
    );
}

#[test]
fn a_conditional_attribute_is_a_site_under_its_condition() {
    let text = "#[cfg_attr(windows, unsafe(no_mangle))] pub const extern \"C\" fn f() {}";
    assert_sites(text, &[(Attribute, "f", "windows", false)]);
}

#[test]
fn a_projected_type_can_implement_a_trait() {
    let text = "unsafe impl From<A> for <B as C>::D {}";
    assert_sites(text, &[(Impl, "<<B as C>::D as From>", "", false)]);
}

#[test]
fn captured_lifetimes_are_no_import() {
    let text = "fn f() -> impl Sized + use<'_> { unsafe { g() } } fn h() { unsafe { g() } }";
    assert_sites(text, &[(Block, "f", "", true), (Block, "h", "", true)]);
}

#[test]
fn a_function_whose_body_is_a_fragment_does_not_take_what_follows_for_it() {
    let text = "macro_rules! m { ($b:block) => { fn outer() { unsafe fn inner() -> u8 $b unsafe { inner() } } } }";
    assert_sites(
        text,
        &[
            (Function, "m!::outer::inner", "", false),
            (Block, "m!::outer", "", true),
        ],
    );
}

#[test]
fn an_abi_can_be_a_fragment() {
    let text = "macro_rules! m { ($abi:literal) => { unsafe extern $abi { fn f(); } unsafe extern $abi fn g() {} } }";
    assert_sites(
        text,
        &[
            (ExternBlock, "m!", "", false),
            (Function, "m!::g", "", true),
        ],
    );
}

#[test]
fn a_keyword_that_a_macro_may_leave_out_is_a_site() {
    let text = "macro_rules! m { ($($unsafe:ident)?) => { pub $($unsafe)? fn f() {} $(unsafe)? fn g() {} } }";
    assert_sites(
        text,
        &[(Function, "m!::f", "", true), (Function, "m!::g", "", true)],
    );
}
