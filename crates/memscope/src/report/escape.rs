//! Text in the languages of the reports.

/// Text for HTML, in elements and in quoted attributes.
pub(super) fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The value of a label, between its quotes.
pub(super) fn label(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

/// A name in a line of folded stacks, where `;` and the last space divide.
pub(super) fn folded(text: &str) -> String {
    text.replace(';', ":").replace(['\n', '\r'], " ")
}

/// A number of bytes with a unit that fits it.
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::{bytes, folded, html, label};

    #[test]
    fn text_cannot_leave_its_place() {
        assert_eq!(
            html("<a href='x' b=\"y\">&"),
            "&lt;a href=&#39;x&#39; b=&quot;y&quot;&gt;&amp;"
        );
        assert_eq!(label("a\\\"b\nc"), "a\\\\\\\"b\\nc");
        assert_eq!(folded("fn([u8; 4])\n"), "fn([u8: 4]) ");
    }

    #[test]
    fn bytes_have_a_unit_that_fits() {
        let told: Vec<String> = [0, 1023, 1024, 1536 * 1024, u64::MAX].map(bytes).into();
        assert_eq!(
            told,
            ["0 B", "1023 B", "1.0 KiB", "1.5 MiB", "16777216.0 TiB"]
        );
    }
}
