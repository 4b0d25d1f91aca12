//! The attribute `#[memscope::test]`. Use it through `memscope` and its feature `macros`.

#![forbid(unsafe_code)]

mod amount;
mod options;
mod test;

use proc_macro::TokenStream;
use syn::parse_macro_input;

/// A test that is to leave no block live: `#[test]`, in a scope of its own.
///
/// ```ignore
/// #[memscope::test(budget = "4 KiB", within = "1 s")]
/// fn orders_are_parsed() -> Result<(), ParseError> { .. }
/// ```
///
/// The function takes nothing, and answers nothing, a `Result` or an `ExitCode`; other attributes, `#[should_panic]` and
/// `#[ignore]` among them, stay on it. What is live when it returns fails the test, unless it failed before. Tests that
/// run beside each other in one process do not meet.
///
/// | option | meaning |
/// |---|---|
/// | `budget = "4 KiB"`, `budget = 100` | so many bytes may stay: `B`, `KiB`, `MiB`, `GiB` |
/// | `blocks = 2` | so many blocks may stay |
/// | `within = "1 s"` | waits so long for frees of other threads: `us`, `ms`, `s` |
/// | `warm_up = 1` | runs it so often before, and lets stay what those runs leave |
/// | `block_on = path::to::function` | what runs the future of an `async fn` |
/// | `crate = path` | another name of `memscope` |
#[proc_macro_attribute]
pub fn test(options: TokenStream, item: TokenStream) -> TokenStream {
    let options = parse_macro_input!(options as options::Options);
    let item = parse_macro_input!(item as test::Test);
    test::expand(&options, &item)
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}
