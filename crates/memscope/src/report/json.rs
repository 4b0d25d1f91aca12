//! JSON: a small writer, and the report in it.
//!
//! By hand, for what is written is flat, and a crate that stands in every program under test should bring little.

use std::fmt::Write as _;
use std::panic::Location;
use std::time::{Duration, UNIX_EPOCH};

use super::{GrowthPoint, Report, ScopeEntry, Site, Untold};
use crate::usage::Usage;

/// Writes one value after another; the caller closes what it opens by returning from the closure.
#[derive(Debug, Default)]
pub(crate) struct Json {
    text: String,
    /// Whether the next value follows another one.
    follows: bool,
}

impl Json {
    pub(crate) fn object(write: impl FnOnce(&mut Self)) -> String {
        let mut json = Self::default();
        json.inner_object(write);
        json.text
    }

    fn inner_object(&mut self, write: impl FnOnce(&mut Self)) {
        self.between('{', '}', write);
    }

    fn between(&mut self, open: char, close: char, write: impl FnOnce(&mut Self)) {
        self.divide();
        self.text.push(open);
        self.follows = false;
        write(self);
        self.text.push(close);
        self.follows = true;
    }

    fn divide(&mut self) {
        if std::mem::replace(&mut self.follows, true) {
            self.text.push(',');
        }
    }

    fn key(&mut self, key: &str) {
        self.string_value(key);
        self.text.push(':');
        self.follows = false;
    }

    pub(crate) fn string_value(&mut self, value: &str) {
        self.divide();
        self.text.push('"');
        for c in value.chars() {
            match c {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\u{0}'..='\u{1F}' | '\u{7F}' | '\u{2028}' | '\u{2029}' => {
                    self.raw(format_args!("\\u{:04x}", u32::from(c)));
                }
                c => self.text.push(c),
            }
        }
        self.text.push('"');
    }

    pub(super) fn number_value(&mut self, value: u64) {
        self.divide();
        self.raw(format_args!("{value}"));
    }

    fn raw(&mut self, value: std::fmt::Arguments<'_>) {
        // Writing to a `String` does not fail.
        let _ = self.text.write_fmt(value);
    }

    pub(crate) fn string(&mut self, key: &str, value: &str) {
        self.key(key);
        self.string_value(value);
    }

    pub(crate) fn number(&mut self, key: &str, value: u64) {
        self.key(key);
        self.number_value(value);
    }

    pub(crate) fn signed(&mut self, key: &str, value: i64) {
        self.key(key);
        self.divide();
        self.raw(format_args!("{value}"));
    }

    pub(crate) fn boolean(&mut self, key: &str, value: bool) {
        self.key(key);
        self.divide();
        self.raw(format_args!("{value}"));
    }

    pub(crate) fn optional<T>(
        &mut self,
        key: &str,
        value: Option<T>,
        write: impl FnOnce(&mut Self, T),
    ) {
        self.key(key);
        match value {
            Some(value) => write(self, value),
            None => {
                self.divide();
                self.text.push_str("null");
            }
        }
    }

    pub(crate) fn array<T>(
        &mut self,
        key: &str,
        values: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.key(key);
        self.between('[', ']', |json| {
            values.into_iter().for_each(|value| write(json, value));
        });
    }

    pub(crate) fn objects<T>(
        &mut self,
        key: &str,
        values: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T),
    ) {
        self.array(key, values, |json, value| {
            json.inner_object(|json| write(json, value));
        });
    }

    pub(crate) fn usage(&mut self, key: &str, usage: &Usage) {
        self.key(key);
        self.inner_object(|json| {
            json.number("live_blocks", usage.live());
            json.number("live_bytes", usage.live_bytes());
            json.number("allocs", usage.allocs);
            json.number("frees", usage.frees);
            json.number("bytes_allocated", usage.bytes_allocated);
            json.number("bytes_freed", usage.bytes_freed);
            json.number("peak_bytes", usage.peak_bytes);
        });
    }

    pub(crate) fn location(&mut self, key: &str, location: Option<&Location<'_>>) {
        self.optional(key, location, |json, location| {
            json.inner_object(|json| {
                json.string("file", location.file());
                json.number("line", u64::from(location.line()));
                json.number("column", u64::from(location.column()));
            });
        });
    }
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Report {
    /// The report as JSON: one object, without white space between its values.
    ///
    /// | key | value |
    /// |---|---|
    /// | `format`, `version` | `"memscope-report"`, 1 |
    /// | `taken_unix_ms` | when it was taken, in milliseconds since 1970 |
    /// | `process` | a usage: `live_blocks`, `live_bytes`, `allocs`, `frees`, `bytes_allocated`, `bytes_freed`, `peak_bytes` |
    /// | `scopes` | the process and all unfinished scopes: `name`, `request` (or null), `path`, `parent` (an index into `scopes`, or null), `opened_at` (`file`, `line`, `column`, or null), `age_ms`, `has_ended`, the usages `own` and `inclusive`, and `sites`: `site` (an index into `sites`), `blocks`, `bytes` |
    /// | `sites` | `blocks`, `bytes`, `location` (or null), and `frames`, innermost first: `address` (as text), `function`, `file`, `line` (or null) |
    /// | `untold` | `blocks` and `bytes` that are live and in no site |
    /// | `files` | `file` (or null), `blocks`, `bytes` |
    /// | `growth` | `at_ms`, `live_bytes`, `live_blocks`, `most_live_bytes`; see [`Growth`](super::Growth) |
    ///
    /// Keys may be added without another version. Numbers are integers below 2^64.
    ///
    /// ```
    /// let report = memscope::report::Report::take();
    /// assert!(report.to_json().starts_with(r#"{"format":"memscope-report","version":1,"#));
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        Json::object(|json| {
            json.string("format", "memscope-report");
            json.number("version", 1);
            let taken = self.taken.duration_since(UNIX_EPOCH).unwrap_or_default();
            json.number("taken_unix_ms", millis(taken));
            json.usage("process", &self.process());
            json.objects("scopes", &self.scopes, scope);
            json.objects("sites", &self.sites, site);
            let Untold { blocks, bytes } = self.untold;
            json.key("untold");
            json.inner_object(|json| {
                json.number("blocks", blocks);
                json.number("bytes", bytes);
            });
            json.objects("files", &self.files(), |json, file| {
                json.optional("file", file.file.as_deref(), Json::string_value);
                json.number("blocks", file.blocks);
                json.number("bytes", file.bytes);
            });
            json.objects("growth", &self.growth, growth_point);
        })
    }
}

fn scope(json: &mut Json, scope: &ScopeEntry) {
    json.string("name", scope.name);
    json.optional("request", scope.request, Json::number_value);
    json.string("path", &scope.path);
    let parent = scope.parent.map(|parent| parent as u64);
    json.optional("parent", parent, Json::number_value);
    json.location("opened_at", scope.opened_at);
    json.number("age_ms", millis(scope.age));
    json.boolean("has_ended", scope.has_ended);
    json.usage("own", &scope.own);
    json.usage("inclusive", &scope.inclusive);
    json.objects("sites", &scope.sites, |json, share| {
        json.number("site", share.site as u64);
        json.number("blocks", share.blocks);
        json.number("bytes", share.bytes);
    });
}

fn site(json: &mut Json, site: &Site) {
    json.number("blocks", site.blocks);
    json.number("bytes", site.bytes);
    json.optional("location", site.location().as_deref(), Json::string_value);
    json.objects("frames", &site.frames, |json, frame| {
        json.string("address", &format!("{:#x}", frame.address));
        json.optional("function", frame.function.as_deref(), Json::string_value);
        json.optional("file", frame.file.as_deref(), Json::string_value);
        json.optional("line", frame.line.map(u64::from), Json::number_value);
    });
}

fn growth_point(json: &mut Json, point: &GrowthPoint) {
    json.number("at_ms", millis(point.at));
    json.number("live_bytes", point.live_bytes);
    json.number("live_blocks", point.live_blocks);
    json.number("most_live_bytes", point.most_live_bytes);
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn strings_are_escaped() {
        let text = Json::object(|json| {
            json.string("a\"b", "\\ \n \u{1} \u{7f} \u{2028} \u{e9} \u{1f600}");
            json.signed("minus", -1);
            json.optional("none", None::<u64>, Json::number_value);
            json.array("empty", [0_u64; 0], Json::number_value);
            json.array("two", [1, 2], Json::number_value);
        });
        assert_eq!(
            text,
            "{\"a\\\"b\":\"\\\\ \\n \\u0001 \\u007f \\u2028 \u{e9} \u{1f600}\",\
             \"minus\":-1,\"none\":null,\"empty\":[],\"two\":[1,2]}"
        );
    }
}
