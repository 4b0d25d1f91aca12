//! Unsafe sites and the atomic operations beside them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A site's stable name: a hash of crate, item path, kind, normalised tokens and ordinal.
///
/// It survives edits that move the site; it changes when the site's own tokens do.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct SiteId(pub String);

impl fmt::Display for SiteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A place in a source file; lines and columns count from 1, columns in characters.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Path relative to the package's root, with `/` on every platform.
    pub file: String,
    /// First line.
    pub line: u32,
    /// Column of the first character.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column just past the last character.
    pub end_column: u32,
}

/// A source file as it was audited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceFile {
    /// Path relative to the package's root, with `/` on every platform.
    pub path: String,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// Its text, kept so that a report needs nothing but the evidence.
    pub text: String,
}

/// One place where the compiler's guarantees rest on the author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The stable name.
    pub id: SiteId,
    /// What stands there.
    pub kind: SiteKind,
    /// Path of the enclosing item, for example `ring::Producer<T>::push`.
    pub item: String,
    /// Where it stands in the source; for a macro, in the macro's body.
    pub span: Span,
    /// The macro that expands to it, if one does.
    pub expansion: Option<Expansion>,
    /// The unsafe operations in it, each kind once, sorted. Empty where only the compiler's lint saw it.
    pub operations: Vec<Operation>,
    /// The text of its `SAFETY` comment or `# Safety` section.
    pub safety: Option<String>,
    /// Whether this build compiles it.
    pub built: Built,
    /// Whether its executions can be counted.
    pub probe: Probe,
    /// Which inventories saw it.
    pub seen_by: SeenBy,
}

impl Site {
    /// Item and position, as reports name a site.
    pub(crate) fn place(&self) -> String {
        format!("{} ({}:{})", self.item, self.span.file, self.span.line)
    }
}

/// What kind of site it is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SiteKind {
    /// An `unsafe` block.
    Block,
    /// An `unsafe fn` with a body, a method of an unsafe trait impl included.
    Function,
    /// An `unsafe impl`; its executions are those of the type's methods, or of the functions that name the type.
    Impl,
    /// An `unsafe trait` declaration, or an unsafe method without a body.
    Trait,
    /// An `extern` block.
    ExternBlock,
    /// An attribute that can break soundness: `no_mangle`, `export_name`, `link_section`.
    Attribute,
    /// A `static mut` item.
    StaticMut,
    /// `global_asm!`.
    GlobalAsm,
}

/// How a site comes out of a macro.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expansion {
    /// The macro's name, without `!`.
    pub macro_name: String,
    /// Where it was called, sorted; one site in a macro's body stands for all of them.
    pub calls: Vec<Span>,
}

/// A kind of unsafe operation.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Operation {
    /// Dereference of a raw pointer.
    RawDeref,
    /// `ptr::read` and its relatives.
    PointerRead,
    /// `ptr::write`, `copy`, `swap`, `write_bytes` and their relatives.
    PointerWrite,
    /// `offset`, `add`, `sub` and their relatives.
    PointerArithmetic,
    /// `get_unchecked` and other indexing without a check.
    UncheckedIndex,
    /// `slice::from_raw_parts`, `Vec::from_raw_parts`, `Box::from_raw` and their relatives.
    FromRaw,
    /// `assume_init`, `set_len`, `zeroed`, `uninitialized` and other claims of initialisation.
    AssumeInit,
    /// `transmute` and union field reads.
    Reinterpret,
    /// `alloc`, `dealloc`, `realloc`.
    Allocation,
    /// `from_utf8_unchecked`, `unreachable_unchecked`, `unwrap_unchecked` and other unchecked claims.
    UncheckedClaim,
    /// Access to a `static mut`.
    StaticMut,
    /// Access through `UnsafeCell::get`.
    CellAccess,
    /// `drop_in_place`, `ManuallyDrop::drop` and `take`.
    ManualDrop,
    /// Inline assembly.
    InlineAsm,
    /// A call into foreign code.
    ForeignCall,
    /// A call of an unsafe function that is none of the above.
    UnsafeCall,
    /// `unsafe impl Send`.
    ImplSend,
    /// `unsafe impl Sync`.
    ImplSync,
    /// `unsafe impl` of another trait.
    ImplOther,
}

/// Whether the audited build compiles a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state", deny_unknown_fields)]
pub enum Built {
    /// The compiler saw it.
    Yes,
    /// It is compiled out here.
    No {
        /// The condition that removes it, for example `cfg(windows)`.
        condition: String,
    },
}

/// Whether a site's executions can be counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state", deny_unknown_fields)]
pub enum Probe {
    /// A counter stands in it, or, for an `unsafe impl`, in the methods of its type or the functions that name it.
    Counted,
    /// Nothing can execute there: a declaration.
    Declaration,
    /// No counter could be placed.
    Uncounted {
        /// Why not.
        reason: String,
    },
}

/// Which inventories saw a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SeenBy {
    /// The compiler's `unsafe_code` lint and the syntax scan.
    Both,
    /// The compiler alone, for example in the output of a procedural macro.
    Compiler,
    /// The syntax scan alone, for example in code that is compiled out.
    Syntax,
}

/// One atomic operation or fence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Atomic {
    /// Where it stands.
    pub span: Span,
    /// Path of the enclosing item.
    pub item: String,
    /// The field or variable, as written, for example `self.shared.head`; empty for a fence.
    pub place: String,
    /// The method, for example `compare_exchange`, or `fence`.
    pub operation: String,
    /// The orderings in the order of the arguments, for example `["AcqRel", "Relaxed"]`.
    pub orderings: Vec<String>,
}
