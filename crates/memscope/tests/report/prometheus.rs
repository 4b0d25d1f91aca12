//! The text that Prometheus reads.

use std::collections::HashSet;

use memscope::Scope;
use memscope::report::Counters;

use crate::buffer;

/// The value of a sample.
fn value(text: &str, sample: &str) -> Option<u64> {
    let mut lines = text.lines();
    lines.find_map(|line| line.strip_prefix(sample)?.strip_prefix(' ')?.parse().ok())
}

#[test]
fn each_family_has_its_help_its_type_and_then_its_samples() {
    let _scope = Scope::new("prometheus form");
    let text = Counters::take().to_prometheus();
    let mut families = HashSet::new();
    let mut lines = text.lines().peekable();
    while let Some(help) = lines.next() {
        let name = help
            .strip_prefix("# HELP ")
            .unwrap()
            .split(' ')
            .next()
            .unwrap();
        assert!(families.insert(name.to_owned()), "{name} comes twice");
        let kind = lines.next().unwrap().strip_prefix("# TYPE ").unwrap();
        let is_total = name.ends_with("_total");
        assert_eq!(
            kind,
            format!("{name} {}", if is_total { "counter" } else { "gauge" })
        );
        let mut samples = 0;
        while let Some(sample) = lines.next_if(|line| !line.starts_with('#')) {
            let (series, number) = sample.rsplit_once(' ').unwrap();
            assert_eq!(series.split('{').next(), Some(name));
            number.parse::<u64>().unwrap();
            samples += 1;
        }
        assert!(samples > 0, "{name} has no sample");
    }
    assert_eq!(families.len(), 10);
    assert!(text.ends_with('\n'));
}

#[test]
fn scopes_of_one_name_are_one_series() {
    let scopes: Vec<Scope> = (0..3)
        .map(|at| Scope::for_request("prometheus query", at))
        .collect();
    let mut kept = Vec::with_capacity(3);
    for (at, scope) in scopes.iter().enumerate() {
        kept.push(scope.run(|| buffer(100 * (at + 1))));
    }
    let text = Counters::take().to_prometheus();
    let sample = |family: &str| value(&text, &format!("{family}{{scope=\"prometheus query\"}}"));
    assert_eq!(sample("memscope_scopes"), Some(3));
    assert_eq!(sample("memscope_scopes_ended"), Some(0));
    assert_eq!(sample("memscope_scope_live_bytes"), Some(600));
    assert_eq!(sample("memscope_scope_live_blocks"), Some(3));
    drop(kept);
    for scope in scopes {
        scope.end().unwrap();
    }
}

#[test]
fn labels_are_escaped() {
    let _scope = Scope::new("a\\b\"c\nd");
    let text = Counters::take().to_prometheus();
    assert!(
        text.contains("memscope_scopes{scope=\"a\\\\b\\\"c\\nd\"} 1\n"),
        "{text}"
    );
}

#[test]
fn the_counters_of_the_process_go_with_it() {
    let before = Counters::take();
    let block = buffer(100_000);
    let during = Counters::take();
    let allocated = during.process.bytes_allocated - before.process.bytes_allocated;
    assert!(allocated >= 100_000);
    let read: serde_json::Value = serde_json::from_str(&during.to_json()).unwrap();
    assert_eq!(read["process"]["allocs"], during.process.allocs);
    assert_eq!(read["names"].as_array().unwrap().len(), during.names.len());
    drop(block);
}
