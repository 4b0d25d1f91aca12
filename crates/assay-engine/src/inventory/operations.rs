//! What a site does: its unsafe operations, recognised by name and shape.

use std::collections::HashSet;

use assay_evidence::{Operation, SiteKind};

use super::source::Source;
use super::syntax::RawSite;

/// Names that a package declares and that tell operations apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// Unsafe functions and methods.
    pub(crate) unsafe_fns: HashSet<String>,
    /// Functions of extern blocks.
    pub(crate) foreign_fns: HashSet<String>,
    /// Fields of unions.
    pub(crate) union_fields: HashSet<String>,
    /// `static mut` items.
    pub(crate) static_muts: HashSet<String>,
}

impl Names {
    /// Adds the names of another file.
    pub(crate) fn merge(&mut self, other: Self) {
        self.unsafe_fns.extend(other.unsafe_fns);
        self.foreign_fns.extend(other.foreign_fns);
        self.union_fields.extend(other.union_fields);
        self.static_muts.extend(other.static_muts);
    }
}

/// The operations of a site, each once, sorted.
pub(crate) fn classify(source: &Source, site: &RawSite, names: &Names) -> Vec<Operation> {
    match site.kind {
        SiteKind::Impl => vec![of_impl(site)],
        SiteKind::GlobalAsm => vec![Operation::InlineAsm],
        SiteKind::Block | SiteKind::Function => {
            let from = site.body.unwrap_or(site.keyword) + 1;
            of_code(source, from, site.to.saturating_sub(1), names, site.kind)
        }
        _ => Vec::new(),
    }
}

fn of_impl(site: &RawSite) -> Operation {
    match site
        .impl_head
        .as_ref()
        .and_then(|head| head.trait_name.as_deref())
    {
        Some("Send") => Operation::ImplSend,
        Some("Sync") => Operation::ImplSync,
        _ => Operation::ImplOther,
    }
}

fn of_code(
    source: &Source,
    from: usize,
    to: usize,
    names: &Names,
    kind: SiteKind,
) -> Vec<Operation> {
    let mut found = Vec::new();
    let mut calls = false;
    let mut fields = false;
    for at in from..to {
        if source.is_punct(at, b'*') && is_dereference(source, from, at) {
            found.push(Operation::RawDeref);
        }
        if !source.is_ident(at) {
            continue;
        }
        let word = source.word(at);
        let called = is_called(source, at, to);
        let is_macro = source.is_punct(at + 1, b'!') && source.group_end(at + 2).is_some();
        calls |= called;
        fields |= at > from && source.is_punct(at - 1, b'.') && !called;
        if let Some(operation) = of_word(source, at, word, called, is_macro, names) {
            found.push(operation);
        }
    }
    // An unsafe block has a reason: what is left is a call of an unknown unsafe function, or a union's field.
    if found.is_empty() && kind == SiteKind::Block {
        if calls {
            found.push(Operation::UnsafeCall);
        } else if fields {
            found.push(Operation::Reinterpret);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn of_word(
    source: &Source,
    at: usize,
    word: &str,
    called: bool,
    is_macro: bool,
    names: &Names,
) -> Option<Operation> {
    if names.static_muts.contains(word) && !called {
        return Some(Operation::StaticMut);
    }
    if is_macro {
        return matches!(word, "asm" | "naked_asm" | "llvm_asm").then_some(Operation::InlineAsm);
    }
    let is_field = at > 0 && source.is_punct(at - 1, b'.') && !called;
    if is_field {
        return names
            .union_fields
            .contains(word)
            .then_some(Operation::Reinterpret);
    }
    if !called {
        return None;
    }
    if names.foreign_fns.contains(word) || is_path_of(source, at, "libc") {
        return Some(Operation::ForeignCall);
    }
    of_call(source, at, word).or_else(|| {
        names
            .unsafe_fns
            .contains(word)
            .then_some(Operation::UnsafeCall)
    })
}

/// Operations of the standard library, by the name that is called.
fn of_call(source: &Source, at: usize, word: &str) -> Option<Operation> {
    let method = at > 0 && source.is_punct(at - 1, b'.');
    let open = call_open(source, at);
    let close = source.group_end(open).unwrap_or(open);
    let no_arguments = close == open + 1;
    let one_argument =
        !no_arguments && super::cfg::split_commas(source, open + 1, close).len() == 1;
    let operation = match word {
        "read" if no_arguments || is_path_of(source, at, "ptr") => Operation::PointerRead,
        "write" if is_path_of(source, at, "ptr") || (method && one_argument) => {
            Operation::PointerWrite
        }
        "copy" | "swap" | "replace" if is_path_of(source, at, "ptr") => Operation::PointerWrite,
        "add" | "sub" if method && one_argument => Operation::PointerArithmetic,
        "as_ref" | "as_mut" if method && no_arguments => Operation::RawDeref,
        "drop" | "take" if is_path_of(source, at, "ManuallyDrop") => Operation::ManualDrop,
        "get" if method && no_arguments => Operation::CellAccess,
        _ => return of_name(word),
    };
    Some(operation)
}

/// Operations whose name alone tells them.
fn of_name(word: &str) -> Option<Operation> {
    BY_NAME
        .iter()
        .find(|(_, names)| names.contains(&word))
        .map(|(operation, _)| *operation)
}

const BY_NAME: [(Operation, &[&str]); 10] = [
    (
        Operation::PointerRead,
        &["read_unaligned", "read_volatile", "assume_init_read"],
    ),
    (
        Operation::PointerWrite,
        &[
            "write_unaligned",
            "write_volatile",
            "write_bytes",
            "copy_nonoverlapping",
            "copy_from",
            "copy_from_nonoverlapping",
            "copy_to",
            "copy_to_nonoverlapping",
            "swap_nonoverlapping",
        ],
    ),
    (
        Operation::PointerArithmetic,
        &[
            "offset",
            "offset_from",
            "offset_from_unsigned",
            "sub_ptr",
            "byte_add",
            "byte_sub",
            "byte_offset",
            "byte_offset_from",
        ],
    ),
    (
        Operation::UncheckedIndex,
        &[
            "get_unchecked",
            "get_unchecked_mut",
            "slice_unchecked",
            "slice_mut_unchecked",
            "split_at_unchecked",
            "split_at_mut_unchecked",
            "swap_unchecked",
            "as_chunks_unchecked",
            "as_chunks_unchecked_mut",
            "get_disjoint_unchecked_mut",
        ],
    ),
    (
        Operation::FromRaw,
        &[
            "from_raw_parts",
            "from_raw_parts_mut",
            "from_raw_parts_in",
            "from_raw",
            "from_raw_in",
            "from_raw_fd",
            "borrow_raw",
            "from_ptr",
            "from_ptr_range",
            "from_ptr_range_mut",
            "increment_strong_count",
            "decrement_strong_count",
        ],
    ),
    (
        Operation::AssumeInit,
        &[
            "assume_init",
            "assume_init_ref",
            "assume_init_mut",
            "assume_init_drop",
            "array_assume_init",
            "set_len",
            "zeroed",
            "uninitialized",
            "advance_mut",
        ],
    ),
    (
        Operation::Reinterpret,
        &[
            "transmute",
            "transmute_copy",
            "transmute_unchecked",
            "as_bytes_mut",
            "as_mut_vec",
            "align_to",
            "align_to_mut",
        ],
    ),
    (
        Operation::Allocation,
        &[
            "alloc",
            "dealloc",
            "realloc",
            "alloc_zeroed",
            "allocate",
            "deallocate",
            "grow",
            "grow_zeroed",
            "shrink",
        ],
    ),
    (
        Operation::UncheckedClaim,
        &[
            "from_utf8_unchecked",
            "from_utf8_unchecked_mut",
            "from_boxed_utf8_unchecked",
            "unreachable_unchecked",
            "unwrap_unchecked",
            "unwrap_err_unchecked",
            "assert_unchecked",
            "new_unchecked",
            "from_u32_unchecked",
            "unchecked_add",
            "unchecked_sub",
            "unchecked_mul",
            "unchecked_shl",
            "unchecked_shr",
            "unchecked_neg",
            "unchecked_div_exact",
            "from_size_align_unchecked",
            "downcast_unchecked",
            "downcast_ref_unchecked",
            "downcast_mut_unchecked",
            "to_int_unchecked",
            "map_unchecked",
            "map_unchecked_mut",
            "from_bytes_with_nul_unchecked",
            "from_encoded_bytes_unchecked",
            "from_vec_unchecked",
        ],
    ),
    (Operation::ManualDrop, &["drop_in_place"]),
];

/// Index of the parenthesis of a call whose name stands at `at`, a turbofish passed over.
fn call_open(source: &Source, at: usize) -> usize {
    let mut next = at + 1;
    if source.is_joint(next, b':', b':') && source.is_punct(next + 2, b'<') {
        let mut depth = 0_usize;
        next += 2;
        while next < source.len() {
            if source.is_punct(next, b'<') {
                depth += 1;
            } else if source.is_punct(next, b'>') && !source.is_joint(next - 1, b'-', b'>') {
                depth -= 1;
                if depth == 0 {
                    return next + 1;
                }
            }
            next = source.group_end(next).map_or(next + 1, |close| close + 1);
        }
    }
    next
}

fn is_called(source: &Source, at: usize, to: usize) -> bool {
    let open = call_open(source, at);
    const KEYWORDS: [&str; 9] = [
        "if", "while", "match", "in", "return", "for", "let", "fn", "mut",
    ];
    open < to && source.is_open(open, b'(') && !KEYWORDS.contains(&source.word(at))
}

/// Whether the segment before `::name` at `at` is `parent`, its type arguments passed over.
fn is_path_of(source: &Source, at: usize, parent: &str) -> bool {
    at >= 3 && source.is_joint(at - 2, b':', b':') && source.is_word(at - 3, parent)
}

/// Whether the `*` at `at` stands before its operand, in an expression.
fn is_dereference(source: &Source, from: usize, at: usize) -> bool {
    if matches!(source.word(at + 1), "const" | "mut") || source.is_punct(at + 1, b'=') {
        return false;
    }
    // Repetitions of macros: `$(...)*` and `$(...),*`.
    if at > 0
        && source
            .group_start(at - 1)
            .is_some_and(|open| open > 0 && source.is_punct(open - 1, b'$'))
    {
        return false;
    }
    let repeats = at >= 2
        && source
            .group_start(at - 2)
            .is_some_and(|open| open > 0 && source.is_punct(open - 1, b'$'));
    if repeats && matches!(source.kind(at - 1), Some(super::lexer::Kind::Punct(_))) {
        return false;
    }
    if at == from {
        return true;
    }
    match source.kind(at - 1) {
        Some(super::lexer::Kind::Ident) => {
            const PREFIX: [&str; 12] = [
                "return", "break", "in", "match", "if", "while", "else", "mut", "move", "raw",
                "const", "yield",
            ];
            PREFIX.contains(&source.word(at - 1))
        }
        Some(super::lexer::Kind::Punct(byte)) => byte != b'?' && byte != b'\'',
        Some(super::lexer::Kind::Open(_)) => true,
        // After a block comes a new statement; after `)` or `]` a multiplication.
        Some(super::lexer::Kind::Close(byte)) => byte == b'}',
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::syntax::scan;
    use super::*;

    fn operations(text: &str) -> Vec<Operation> {
        let source = Source::new(String::new(), text.to_owned()).expect("lexes");
        let found = scan(&source, &[]);
        let site = found.sites.last().expect("a site");
        classify(&source, site, &found.names)
    }

    #[test]
    fn a_star_before_its_operand_is_a_dereference_and_one_between_two_is_not() {
        assert_eq!(
            operations("fn f() { unsafe { *p } }"),
            [Operation::RawDeref]
        );
        assert_eq!(
            operations("fn f() { unsafe { g(2 * n, &mut *p) } }"),
            [Operation::RawDeref]
        );
        assert_eq!(
            operations("fn f() { unsafe { p.cast::<*const u8>().add(n * 2) } }"),
            [Operation::PointerArithmetic]
        );
    }

    #[test]
    fn operations_of_the_standard_library_are_known_by_name() {
        let cases = [
            ("ptr::read(p)", Operation::PointerRead),
            ("p.write(1)", Operation::PointerWrite),
            ("v.get_unchecked(1)", Operation::UncheckedIndex),
            ("slice::from_raw_parts(p, n)", Operation::FromRaw),
            ("v.set_len(3)", Operation::AssumeInit),
            ("mem::transmute::<A, B>(x)", Operation::Reinterpret),
            ("alloc::dealloc(p, layout)", Operation::Allocation),
            ("hint::unreachable_unchecked()", Operation::UncheckedClaim),
            ("ManuallyDrop::drop(&mut x)", Operation::ManualDrop),
            ("asm!(\"nop\")", Operation::InlineAsm),
            ("libc::close(3)", Operation::ForeignCall),
            ("something(x)", Operation::UnsafeCall),
            ("x.inner", Operation::Reinterpret),
        ];
        for (code, operation) in cases {
            assert_eq!(
                operations(&format!("fn f() {{ unsafe {{ {code} }} }}")),
                [operation],
                "{code}"
            );
        }
    }

    #[test]
    fn names_of_the_package_decide_what_a_call_or_a_field_is() {
        let declared = "union U { a: u8, b: i8 } static mut COUNT: u8 = 0; extern \"C\" { fn close(x: i32); } unsafe fn mine() {}";
        let last = |code: &str| operations(&format!("{declared} fn f() {{ unsafe {{ {code} }} }}"));
        assert_eq!(last("COUNT += 1"), [Operation::StaticMut]);
        assert_eq!(
            last("close(1); mine(); u.a"),
            [
                Operation::Reinterpret,
                Operation::ForeignCall,
                Operation::UnsafeCall
            ]
        );
    }

    #[test]
    fn unsafe_impls_are_told_apart_by_trait() {
        assert_eq!(
            operations("unsafe impl<T> Send for A<T> {}"),
            [Operation::ImplSend]
        );
        assert_eq!(
            operations("unsafe impl Sync for A {}"),
            [Operation::ImplSync]
        );
        assert_eq!(
            operations("unsafe impl core::alloc::GlobalAlloc for A {}"),
            [Operation::ImplOther]
        );
    }
}
