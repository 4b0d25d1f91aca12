//! Macro definitions and the macro calls whose arguments need a reading of their own.

use super::cfg::Cfg;
use super::header::Attributes;
use super::source::Source;
use super::syntax::{MacroBody, Walker};

/// Whether a macro turns its arguments into text or tokens instead of expanding to them as code of this crate.
pub(super) fn writes_down(name: &str) -> bool {
    const NAMES: [&str; 16] = [
        "stringify",
        "concat",
        "compile_error",
        "format_ident",
        "include",
        "include_str",
        "include_bytes",
        "env",
        "option_env",
        "asm",
        "global_asm",
        "naked_asm",
        "llvm_asm",
        "concat_idents",
        "cfg",
        "html",
    ];
    NAMES.contains(&name) || name.contains("quote")
}

/// `macro_rules! name { (matcher) => {transcriber}; ... }`: transcribers are read, matchers are not.
pub(super) fn rules(walker: &mut Walker<'_>, at: usize, end: usize, exported: bool) -> usize {
    let source = walker.source;
    let name_at = at + 2 + usize::from(source.is_punct(at + 2, b'$'));
    let Some(close) = source.group_end(name_at + 1).filter(|close| *close < end) else {
        return at + 2;
    };
    if !source.is_ident(name_at) {
        return at + 2;
    }
    let body = MacroBody {
        name: source.word(name_at).to_owned(),
        exported,
    };
    for (open, close) in transcribers(source, name_at + 2, close) {
        transcriber(walker, &body, open, close);
    }
    close + 1
}

/// `macro name(...) { ... }` and `macro name { (...) => { ... } }`.
pub(super) fn declarative(walker: &mut Walker<'_>, at: usize, end: usize) -> usize {
    let source = walker.source;
    let Some(first) = source.group_end(at + 2).filter(|close| *close < end) else {
        return at + 1;
    };
    let body = MacroBody {
        name: source.word(at + 1).to_owned(),
        exported: false,
    };
    if source.is_open(at + 2, b'{') {
        for (open, close) in transcribers(source, at + 3, first) {
            transcriber(walker, &body, open, close);
        }
        return first + 1;
    }
    match source.group_end(first + 1).filter(|close| *close < end) {
        Some(close) if source.is_open(first + 1, b'{') => {
            transcriber(walker, &body, first + 1, close);
            close + 1
        }
        _ => at + 1,
    }
}

/// Delimiters of the groups that follow `=>`.
fn transcribers(source: &Source, from: usize, end: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = from;
    while at < end {
        if source.is_joint(at, b'=', b'>')
            && let Some(close) = source.group_end(at + 2)
        {
            found.push((at + 2, close));
            at = close + 1;
        } else {
            at = source.group_end(at).map_or(at + 1, |close| close + 1);
        }
    }
    found
}

fn transcriber(walker: &mut Walker<'_>, body: &MacroBody, open: usize, close: usize) {
    let outer = walker.in_macro.replace(body.clone());
    walker.path.push(format!("{}!", body.name));
    walker.walk(open + 1, close, &Attributes::default());
    walker.path.pop();
    walker.in_macro = outer;
}

/// `if #[cfg(a)] { .. } else if #[cfg(b)] { .. } else { .. }`.
pub(super) fn cfg_if(walker: &mut Walker<'_>, from: usize, end: usize) {
    let source = walker.source;
    let mut refused: Vec<Cfg> = Vec::new();
    let mut at = from;
    while at < end {
        let mut conditions = refused.clone();
        let mut test = false;
        while at < end && !source.is_open(at, b'{') {
            if source.is_punct(at, b'#')
                && let Some(close) = source.group_end(at + 1)
            {
                let mut attributes = Attributes::default();
                attributes.add(source, at, at + 1, close);
                refused.extend(attributes.cfgs.iter().map(Cfg::negate));
                conditions.append(&mut attributes.cfgs);
                test |= attributes.test;
                at = close;
            }
            at += 1;
        }
        at = arm(walker, at, end, conditions, test);
    }
}

/// `predicate => { .. }` and `_ => { .. }`, the first that holds.
pub(super) fn cfg_select(walker: &mut Walker<'_>, from: usize, end: usize) {
    let source = walker.source;
    let mut refused: Vec<Cfg> = Vec::new();
    let mut at = from;
    while at < end {
        let begin = at;
        while at < end && !source.is_joint(at, b'=', b'>') {
            at = source.group_end(at).map_or(at + 1, |close| close + 1);
        }
        let mut conditions = refused.clone();
        let mut test = false;
        if !source.is_word(begin, "_") && at < end {
            let cfg = Cfg::parse(source, begin, at);
            test = cfg.needs_test();
            refused.push(cfg.negate());
            conditions.push(cfg);
        }
        at = arm(walker, at + 2, end, conditions, test);
        at += usize::from(source.is_punct(at, b','));
    }
}

/// Walks the group at `at` under `conditions`; an arm without braces ends at its comma.
fn arm(
    walker: &mut Walker<'_>,
    at: usize,
    end: usize,
    mut conditions: Vec<Cfg>,
    test: bool,
) -> usize {
    let source = walker.source;
    if at >= end {
        return end;
    }
    let stop = if let Some(close) = source.group_end(at) {
        close + 1
    } else {
        let mut stop = at;
        while stop < end && !source.is_punct(stop, b',') {
            stop = source.group_end(stop).map_or(stop + 1, |close| close + 1);
        }
        stop
    };
    if !test {
        let depth = walker.cfgs.len();
        walker.cfgs.append(&mut conditions);
        walker.walk(at, stop, &Attributes::default());
        walker.cfgs.truncate(depth);
    }
    stop.max(at + 1)
}
