//! Function paths as tools print them.

/// The path without what stands between angle brackets: `a::B<T>::c` is `a::B::c`.
pub(crate) fn outside_generics(path: &str) -> String {
    let mut depth = 0_u32;
    let mut plain = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    plain
}
