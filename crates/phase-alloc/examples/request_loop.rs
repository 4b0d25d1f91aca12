//! A loop over requests that finds out what its requests leave behind.
//!
//! ```text
//! cargo run --release -p phase-alloc --example request_loop
//! ```
//!
//! A service should hold as much memory after a request as before it. This one has a cache that nothing
//! empties. The reports of its phases show it: survivors grow with every new user and not with the old.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::collections::HashMap;

use phase_alloc::{PhaseAlloc, opt_out, phase_with_report, survivors};

#[global_allocator]
static ALLOC: PhaseAlloc = PhaseAlloc::new();

const REQUESTS: &[&str] = &["ada", "bea", "ada", "cid", "ada", "bea", "dora", "cid"];

fn main() {
    println!("as it was:");
    let mut service = Service::new(false);
    let grown = serve(&mut service);
    println!("{grown} requests left something behind; {}\n", survivors());
    drop(service);

    println!("with the cache opted out:");
    let mut service = Service::new(true);
    let grown = serve(&mut service);
    println!("{grown} requests left something behind; {}", survivors());

    // The line for a test of a real service.
    survivors().assert_none();
}

/// Answers every request, each in a phase, and counts those after which more is live than before.
fn serve(service: &mut Service) -> usize {
    let mut grown = 0;
    for (number, user) in REQUESTS.iter().enumerate() {
        let (bytes, report) = phase_with_report(|| service.answer(user).len());
        let left = report
            .survivors
            .bytes()
            .saturating_sub(report.before.bytes());
        println!("request {number} for {user:<5} {bytes} bytes, {left} left behind");
        grown += usize::from(left > 0);
    }
    grown
}

/// Renders a page for a user, with a profile that it looks up once.
struct Service {
    profiles: HashMap<String, Vec<u32>>,
    /// Whether the cache's own memory is kept out of the phases.
    cache_opts_out: bool,
}

impl Service {
    fn new(cache_opts_out: bool) -> Self {
        Self {
            profiles: HashMap::new(),
            cache_opts_out,
        }
    }

    fn answer(&mut self, user: &str) -> String {
        let rows: Vec<String> = self
            .profile(user)
            .iter()
            .map(|it| format!("<li>{it}</li>"))
            .collect();
        format!("<h1>{user}</h1><ul>{}</ul>", rows.join(""))
    }

    /// The planted fault: the entry is never removed.
    fn profile(&mut self, user: &str) -> &[u32] {
        if !self.profiles.contains_key(user) {
            let length = u32::try_from(user.len()).unwrap_or(u32::MAX);
            let mut keep = || {
                let profile = (0..1_000 * length).collect();
                self.profiles.insert(user.to_owned(), profile);
            };
            // A cache that is meant to stay says so, and the reports are about requests again.
            if self.cache_opts_out {
                opt_out(keep);
            } else {
                keep();
            }
        }
        &self.profiles[user]
    }
}
