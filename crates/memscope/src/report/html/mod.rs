//! The report as one HTML page that needs nothing but itself, and runs no script.

mod chart;

use std::fmt::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use super::escape::{bytes, html as esc};
use super::{Report, ScopeEntry, Site};

const STYLE: &str = include_str!("style.css");

/// Scopes, sites and files that are shown; JSON has all.
const SCOPES: usize = 500;
const SITES: usize = 200;
const FILES: usize = 50;

/// Writes a line. What is neither a number nor made here goes through `esc`.
macro_rules! put {
    ($page:expr, $($text:tt)*) => {{
        // Writing to a `String` does not fail.
        let _ = writeln!($page, $($text)*);
    }};
}

impl Report {
    /// The report as a page: one file that loads nothing and runs no script, for light and dark, narrow and wide. Of more
    /// than 500 scopes, 200 sites and 50 files the largest are shown.
    ///
    /// ```
    /// let page = memscope::report::Report::take().to_html();
    /// assert!(page.starts_with("<!doctype html>"));
    /// ```
    #[must_use]
    pub fn to_html(&self) -> String {
        let mut page = String::new();
        self.head(&mut page);
        chart::section(&self.growth, &mut page);
        self.scope_table(&mut page);
        self.site_list(&mut page);
        self.file_table(&mut page);
        put!(page, "</main>\n</body>\n</html>");
        page
    }

    fn head(&self, page: &mut String) {
        let process = self.process();
        put!(page, "<!doctype html>\n<html lang=\"en\">\n<head>");
        put!(page, "<meta charset=\"utf-8\">");
        put!(
            page,
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        );
        put!(page, "<meta name=\"color-scheme\" content=\"light dark\">");
        put!(
            page,
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        );
        put!(
            page,
            "<title>Live memory: {}</title>",
            bytes(process.live_bytes())
        );
        put!(page, "<style>{STYLE}</style>\n</head>\n<body>\n<main>");
        let taken = self.taken.duration_since(UNIX_EPOCH).unwrap_or_default();
        put!(page, "<h1>Live memory</h1>");
        put!(
            page,
            "<p class=\"note\">Taken {}</p>\n<dl class=\"tiles\">",
            utc(taken)
        );
        let tiles = [
            ("Live", bytes(process.live_bytes())),
            ("Live blocks", grouped(process.live())),
            ("Allocated since the start", bytes(process.bytes_allocated)),
            ("Allocations", grouped(process.allocs)),
            (
                "Unfinished scopes",
                grouped(self.scopes.len().saturating_sub(1) as u64),
            ),
            ("Known sites", grouped(self.sites.len() as u64)),
        ];
        for (name, value) in tiles {
            put!(page, "<div><dt>{name}</dt><dd>{value}</dd></div>");
        }
        put!(page, "</dl>");
    }

    fn scope_table(&self, page: &mut String) {
        put!(
            page,
            "<section aria-labelledby=\"scopes\">\n<h2 id=\"scopes\">Scopes</h2>"
        );
        put!(
            page,
            "<p class=\"note\">Live bytes of a scope with all that lie inside it, and its own.</p>"
        );
        put!(page, "<table>\n<thead><tr><th scope=\"col\">Scope</th>");
        for column in ["Live", "Own", "Blocks"] {
            put!(page, "<th scope=\"col\" class=\"number\">{column}</th>");
        }
        put!(page, "</tr></thead>\n<tbody>");
        let all = self.process().live_bytes();
        for at in self.largest(SCOPES) {
            scope_row(&self.scopes[at], all, page);
        }
        put!(page, "</tbody>\n</table>");
        more(self.scopes.len(), SCOPES, "scopes", page);
        put!(page, "</section>");
    }

    fn site_list(&self, page: &mut String) {
        put!(
            page,
            "<section aria-labelledby=\"sites\">\n<h2 id=\"sites\">Sites</h2>"
        );
        if self.sites.is_empty() {
            put!(
                page,
                "<p class=\"note\">None are known: the allocator notes no stacks, or nothing is live.</p>"
            );
        }
        for site in self.sites.iter().take(SITES) {
            site_entry(site, page);
        }
        more(self.sites.len(), SITES, "sites", page);
        if self.untold.blocks != 0 {
            put!(
                page,
                "<p>{} in {} blocks are of sites that are not known, or could not be told apart.</p>",
                bytes(self.untold.bytes),
                grouped(self.untold.blocks)
            );
        }
        put!(page, "</section>");
    }

    fn file_table(&self, page: &mut String) {
        let files = self.files();
        if files.is_empty() {
            return;
        }
        put!(
            page,
            "<section aria-labelledby=\"files\">\n<h2 id=\"files\">Files</h2>"
        );
        put!(page, "<table>\n<thead><tr><th scope=\"col\">File</th>");
        put!(
            page,
            "<th scope=\"col\" class=\"number\">Live</th><th scope=\"col\" class=\"number\">Blocks</th></tr></thead>\n<tbody>"
        );
        for file in files.iter().take(FILES) {
            put!(
                page,
                "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>",
                esc(file.file.as_deref().unwrap_or("not known")),
                bytes(file.bytes),
                grouped(file.blocks)
            );
        }
        put!(page, "</tbody>\n</table>");
        more(files.len(), FILES, "files", page);
        put!(page, "</section>");
    }
}

fn scope_row(scope: &ScopeEntry, all: u64, page: &mut String) {
    let name = scope.path.rsplit(" > ").next().unwrap_or(scope.name);
    let mut about = Vec::new();
    if let Some(location) = scope.opened_at {
        about.push(format!("opened at {location}, {} ago", span(scope.age)));
    }
    if scope.has_ended {
        about.push("has ended".to_owned());
    }
    put!(
        page,
        "<tr><th scope=\"row\" class=\"depth-{}\">{}<small>{}</small></th>",
        scope.depth.min(8),
        esc(name),
        esc(&about.join("; "))
    );
    let share = scope.inclusive.live_bytes() as f64 / all.max(1) as f64 * 100.0;
    put!(
        page,
        "<td class=\"number share\" style=\"--share:{:.1}%\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>",
        share.min(100.0),
        bytes(scope.inclusive.live_bytes()),
        bytes(scope.own.live_bytes()),
        grouped(scope.inclusive.live())
    );
}

fn site_entry(site: &Site, page: &mut String) {
    let location = site.location();
    put!(
        page,
        "<details><summary><b>{}</b> in {} {} <code>{}</code></summary>\n<ol>",
        bytes(site.bytes),
        grouped(site.blocks),
        if site.blocks == 1 { "block" } else { "blocks" },
        esc(&cut(location.as_deref().unwrap_or("not known")))
    );
    for frame in &site.frames {
        put!(page, "<li><code>{}</code></li>", esc(&frame.place()));
    }
    put!(page, "</ol></details>");
}

/// Names of generic functions fill pages; the stack below has the whole.
fn cut(location: &str) -> String {
    const CHARS: usize = 120;
    match location.char_indices().nth(CHARS) {
        Some((end, _)) => format!("{}..", &location[..end]),
        None => location.to_owned(),
    }
}

fn more(all: usize, shown: usize, what: &str, page: &mut String) {
    if all > shown {
        put!(
            page,
            "<p class=\"note\">And {} {what} more.</p>",
            all - shown
        );
    }
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at != 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A time with a unit that fits it.
fn span(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        seconds @ 1..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3600),
    }
}

/// Date and time of day, from the time since 1970 (days to civil date: Howard Hinnant, chrono-compatible low-level date
/// algorithms).
fn utc(since_1970: Duration) -> String {
    let seconds = since_1970.as_secs();
    let days = seconds / 86_400 + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::{Duration, grouped, span, utc};

    #[test]
    fn dates_are_those_of_the_calendar() {
        let told = [0, 951_827_696, 1_709_164_800, 1_767_225_599]
            .map(|seconds| utc(Duration::from_secs(seconds)));
        assert_eq!(
            told,
            [
                "1970-01-01 00:00:00 UTC",
                "2000-02-29 12:34:56 UTC",
                "2024-02-29 00:00:00 UTC",
                "2025-12-31 23:59:59 UTC",
            ]
        );
    }

    #[test]
    fn numbers_and_times_are_told_for_readers() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
        let spans = [5, 1_500, 300_000, 90_000_000].map(|it| span(Duration::from_millis(it)));
        assert_eq!(spans, ["5 ms", "1 s", "5 min", "25 h"]);
    }
}
