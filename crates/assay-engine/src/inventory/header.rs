//! Reads the heads of items: where a signature ends, what an `impl` is for, what attributes say.

use super::cfg::Cfg;
use super::extent::angle_end;
use super::lexer::Kind;
use super::source::Source;

/// Index of the `{` or `;` that ends the head of an item, or of what stands behind the head when neither does.
///
/// Braces inside `<...>` are const arguments.
pub(super) fn head_end(source: &Source, from: usize, end: usize) -> usize {
    let mut angle = 0_usize;
    let mut has_parameters = false;
    let mut at = from;
    while at < end {
        if source.is_punct(at, b';') || (source.is_open(at, b'{') && angle == 0) {
            return at;
        }
        if angle == 0 && has_parameters && begins_anew(source, at) {
            return at;
        }
        has_parameters |= angle == 0 && source.is_open(at, b'(');
        if source.is_joint(at, b'-', b'>') || source.is_joint(at, b'=', b'>') {
            at += 2;
            continue;
        }
        if source.is_punct(at, b'<') {
            angle += 1;
        } else if source.is_punct(at, b'>') {
            angle = angle.saturating_sub(1);
        }
        at = source.group_end(at).map_or(at + 1, |close| close + 1);
    }
    end
}

/// Whether something starts at `at` that no head holds: in a macro a function's body can be a fragment, without braces.
fn begins_anew(source: &Source, at: usize) -> bool {
    match source.word(at) {
        "unsafe" => source.is_open(at + 1, b'{'),
        "fn" => source.is_ident(at + 1),
        "let" | "pub" | "struct" | "enum" | "static" | "mod" | "trait" | "macro_rules" => true,
        "#" => source.is_open(at + 1, b'['),
        _ => false,
    }
}

/// What an `impl` block is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ImplHead {
    /// Last segment of the trait's path; none for an inherent block.
    pub(crate) trait_name: Option<String>,
    /// The implementing type as written, in one line.
    pub(crate) self_type: String,
    /// Last segment of the implementing type's path, by which blocks of one type are recognised.
    pub(crate) self_key: String,
    /// Whether the implementing type is a parameter of the block.
    pub(crate) blanket: bool,
}

impl ImplHead {
    /// How the block is named in item paths.
    pub(crate) fn path(&self) -> String {
        match &self.trait_name {
            None => self.self_type.clone(),
            Some(name) => format!("<{} as {name}>", self.self_type),
        }
    }
}

/// Reads the tokens between `impl` and its `{`.
pub(super) fn impl_head(source: &Source, from: usize, end: usize) -> ImplHead {
    let mut at = from;
    let mut parameters = Vec::new();
    if source.is_punct(at, b'<') {
        let close = angle_end(source, at, end).unwrap_or(end);
        parameters = type_parameters(source, at + 1, close.saturating_sub(1));
        at = close;
    }
    let (separator, stop) = split_head(source, at, end);
    let (trait_range, self_from) = match separator {
        Some(index) => (Some((at, index)), index + 1),
        None => (None, at),
    };
    let self_key = last_segment(source, self_from, stop);
    ImplHead {
        trait_name: trait_range.map(|(from, to)| last_segment(source, from, to)),
        self_type: source.compact(self_from, stop),
        blanket: parameters.contains(&self_key),
        self_key,
    }
}

/// The index of the `for` between trait and type, and the index where the type ends.
fn split_head(source: &Source, from: usize, end: usize) -> (Option<usize>, usize) {
    let mut separator = None;
    let mut at = from;
    while at < end {
        if source.is_punct(at, b'<') {
            at = angle_end(source, at, end).unwrap_or(end);
            continue;
        }
        // `for<'a>` quantifies; `for <T as Trait>::Type` names the type.
        let quantifies = source.is_punct(at + 1, b'<')
            && (source.is_punct(at + 2, b'>')
                || matches!(source.kind(at + 2), Some(Kind::Lifetime)));
        if source.is_word(at, "for") && !quantifies && separator.is_none() {
            separator = Some(at);
        }
        if source.is_word(at, "where") {
            return (separator, at);
        }
        at = source.group_end(at).map_or(at + 1, |close| close + 1);
    }
    (separator, end)
}

fn type_parameters(source: &Source, from: usize, end: usize) -> Vec<String> {
    let mut names = Vec::new();
    let mut fresh = true;
    let mut at = from;
    while at < end {
        if source.is_punct(at, b'<') {
            at = angle_end(source, at, end).unwrap_or(end);
            continue;
        }
        if source.is_punct(at, b',') {
            fresh = true;
        } else if fresh && source.is_ident(at) {
            if !source.is_word(at, "const") {
                names.push(source.word(at).to_owned());
            }
            fresh = false;
        }
        at = source.group_end(at).map_or(at + 1, |close| close + 1);
    }
    names
}

/// The last path segment of a type or trait; a macro's parameter keeps its `$`.
fn last_segment(source: &Source, from: usize, end: usize) -> String {
    let mut last = String::new();
    let mut at = from;
    while at < end {
        if source.is_punct(at, b'<') {
            at = angle_end(source, at, end).unwrap_or(end);
            continue;
        }
        if source.is_punct(at, b'+') {
            break;
        }
        if source.is_ident(at) && !matches!(source.word(at), "mut" | "const" | "dyn" | "crate") {
            last = source.word(at).to_owned();
            if at > from && source.is_punct(at - 1, b'$') {
                last.insert(0, '$');
            }
        }
        if last.is_empty() && source.group_end(at).is_some() {
            return source.compact(from, end);
        }
        at = source.group_end(at).map_or(at + 1, |close| close + 1);
    }
    if last.is_empty() {
        source.compact(from, end)
    } else {
        last
    }
}

/// What the attributes before one thing say that the inventory needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Attributes {
    /// Conditions, one for each `cfg`.
    pub(super) cfgs: Vec<Cfg>,
    /// A test function, or something that only test builds compile.
    pub(super) test: bool,
    /// `#[macro_export]` stands there.
    pub(super) exported: bool,
    /// The file that `#[path = "..."]` names.
    pub(super) path: Option<String>,
    /// Files that `#[cfg_attr(condition, path = "...")]` names.
    pub(super) conditional_paths: Vec<(Cfg, String)>,
    /// Unsafe attributes.
    pub(super) unsafe_ones: Vec<UnsafeAttribute>,
}

/// An attribute that asserts something to the compiler.
#[derive(Clone, Debug)]
pub(super) struct UnsafeAttribute {
    /// Its `#`.
    pub(super) from: usize,
    /// The token after its `]`.
    pub(super) to: usize,
    /// Its name, `unsafe` left out.
    pub(super) name: String,
    /// The condition of the `cfg_attr` that it stands in.
    pub(super) condition: Option<Cfg>,
}

impl Attributes {
    /// Adds the attribute whose `#` is at `hash` and whose brackets are `open..=close`.
    pub(super) fn add(&mut self, source: &Source, hash: usize, open: usize, close: usize) {
        let (from, to) = (open + 1, close);
        if let Some((name, condition)) = unsafe_attribute(source, from, to) {
            self.unsafe_ones.push(UnsafeAttribute {
                from: hash,
                to: close + 1,
                name,
                condition,
            });
        }
        match source.word(from) {
            "cfg" => {
                if let Some(end) = source.group_end(from + 1) {
                    let cfg = Cfg::parse(source, from + 2, trim_comma(source, end));
                    self.test |= cfg.needs_test();
                    self.cfgs.push(cfg);
                }
            }
            "cfg_attr" => {
                let end = source.group_end(from + 1).unwrap_or(to);
                let parts = super::cfg::split_commas(source, from + 2, end);
                let value = parts
                    .get(1)
                    .filter(|(at, _)| source.is_word(*at, "path") && source.is_punct(at + 1, b'='));
                if let Some(path) = value.and_then(|(at, _)| string_value(source.word(at + 2))) {
                    self.conditional_paths
                        .push((Cfg::parse(source, parts[0].0, parts[0].1), path));
                }
            }
            "macro_export" => self.exported = true,
            "path" if source.is_punct(from + 1, b'=') => {
                self.path = string_value(source.word(from + 2));
            }
            _ => {
                let path_end = (from..to)
                    .find(|at| source.group_end(*at).is_some() || source.is_punct(*at, b'='));
                let last = path_end.unwrap_or(to).saturating_sub(1);
                self.test |= matches!(source.word(last), "test" | "bench");
            }
        }
    }
}

fn trim_comma(source: &Source, end: usize) -> usize {
    if source.is_punct(end - 1, b',') {
        end - 1
    } else {
        end
    }
}

/// The name of an unsafe attribute, and the condition under which it is one.
fn unsafe_attribute(source: &Source, from: usize, to: usize) -> Option<(String, Option<Cfg>)> {
    const NAMES: [&str; 3] = ["no_mangle", "export_name", "link_section"];
    let first = source.word(from);
    if first == "unsafe" {
        return Some((source.word(from + 2).to_owned(), None));
    }
    if first != "cfg_attr" {
        return NAMES.contains(&first).then(|| (first.to_owned(), None));
    }
    let close = source.group_end(from + 1)?;
    let parts = super::cfg::split_commas(source, from + 2, close.min(to));
    // Past the condition, every part may be one.
    let ((begin, end), parts) = parts.split_first()?;
    let mut found = parts
        .iter()
        .filter_map(|(from, to)| unsafe_attribute(source, *from, *to));
    let (name, inner) = found.next()?;
    let own = Cfg::parse(source, *begin, *end);
    let condition = match inner {
        None => own,
        Some(inner) => Cfg::All(vec![own, inner]),
    };
    Some((name, Some(condition)))
}

/// The text of a string literal without escapes, none for anything else.
pub(super) fn string_value(literal: &str) -> Option<String> {
    let body = literal.strip_prefix('r').unwrap_or(literal);
    let body = body.trim_start_matches('#').trim_end_matches('#');
    let body = body.strip_prefix('"')?.strip_suffix('"')?;
    (!body.contains('\\')).then(|| body.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> ImplHead {
        let source = Source::new(String::new(), format!("{text}}}")).expect("lexes");
        impl_head(&source, 1, head_end(&source, 0, source.len()))
    }

    #[test]
    fn heads_of_impl_blocks_name_trait_and_type() {
        let send = head("impl<'a, T: ?Sized + Send> Send for Foo<'a, T> where T: Bar {");
        assert_eq!(send.path(), "<Foo<'a, T> as Send>");
        assert_eq!((send.self_key.as_str(), send.blanket), ("Foo", false));
        assert_eq!(
            head("impl<const N: usize> a::Foo<{ N + 1 }> {").path(),
            "a::Foo<{N+1}>"
        );
        assert_eq!(
            head("impl<F: for<'a> Fn(&'a u8) -> u8> core::ops::Deref for &'a mut Foo<F> {")
                .self_key,
            "Foo"
        );
        assert!(head("impl<T> Buf for T {").blanket);
        assert!(head("impl<T> Buf for &mut T {").blanket);
        let projected = head("impl<T> From<T> for <Vec<T> as Like>::Type {");
        assert_eq!(projected.path(), "<<Vec<T> as Like>::Type as From>");
        let pointer = head("impl Call for for<'a> fn(&'a u8) {");
        assert_eq!(pointer.path(), "<for<'a>fn(&'a u8) as Call>");
        assert_eq!(head("impl Send for $t {").self_key, "$t");
        assert_eq!(head("impl<T> Foo for [T] {").self_key, "[T]");
        assert_eq!(head("impl<A, B> Foo for (A, B) {").self_key, "(A, B)");
    }
}
