//! Holds evidence against a gate.

use super::{FigureGate, Gate, LeastVerdict, RatioGate, Shortfall};
use crate::{
    Better, Built, Evidence, Fate, Figure, Finding, Level, Measurement, Mutant, Probe, Severity,
    State, Verdict, diff, verdict,
};

/// Lines that a shortfall lists at most.
const LISTED: usize = 5;

/// The thresholds of a gate that evidence does not meet, in the order of the gate's documentation.
///
/// `baseline` is the stored evidence that the gate names, if it was found.
///
/// ```
/// use assay_evidence::Evidence;
/// use assay_evidence::gate::{Gate, check};
/// let gate = Gate { max_open_mutants: Some(0), ..Gate::default() };
/// let shortfalls = check(&gate, &Evidence::example(), None);
/// assert!(shortfalls[0].what.starts_with("1 mutant was noticed by no test"));
/// assert!(shortfalls[0].advice.contains("cargo assay mutate -p ring"));
/// ```
#[must_use]
pub fn check(gate: &Gate, evidence: &Evidence, baseline: Option<&Evidence>) -> Vec<Shortfall> {
    let check = Check {
        gate,
        evidence,
        baseline,
        verdict: verdict(evidence),
    };
    let mut found = Vec::new();
    found.extend(check.verdict());
    found.extend(check.sites());
    found.extend(check.layers());
    found.extend(check.mutants());
    found.extend(check.findings());
    found.extend(check.compared());
    found.extend(gate.figure.iter().flat_map(|figure| check.figure(figure)));
    found.extend(gate.ratio.iter().flat_map(|ratio| check.ratio(ratio)));
    found
}

struct Check<'a> {
    gate: &'a Gate,
    evidence: &'a Evidence,
    baseline: Option<&'a Evidence>,
    verdict: Verdict,
}

impl Check<'_> {
    fn verdict(&self) -> Option<Shortfall> {
        let least = self.gate.verdict?;
        let reached = match self.verdict.state {
            State::Refuted => None,
            State::Incomplete => Some(LeastVerdict::Incomplete),
            State::Supported {
                level: Level::Exercised,
            } => Some(LeastVerdict::Supported),
            State::Supported {
                level: Level::Controlled,
            } => Some(LeastVerdict::Controlled),
        };
        let state = self.verdict.state.as_str();
        (reached < Some(least)).then(|| {
            let reasons = self.verdict.missing.iter().map(ToString::to_string);
            let next = self.verdict.next.first().map(|next| match &next.command {
                Some(command) => format!("{}: {command}", next.text),
                None => next.text.clone(),
            });
            Shortfall {
                key: "verdict".into(),
                what: format!("the verdict is {state}, and at least {least} is asked for"),
                about: listed(reasons),
                advice: next.unwrap_or_else(|| self.command("audit")),
            }
        })
    }

    fn sites(&self) -> Vec<Shortfall> {
        let counts = self.verdict.counts;
        let undocumented = || {
            let sites = self.evidence.sites.iter().zip(&self.verdict.sites);
            let undocumented = sites.filter(|(_, verdict)| !verdict.documented);
            listed(undocumented.map(|(site, _)| site.place()))
        };
        let mut found = Vec::new();
        found.extend(too_many(
            "max-unsafe-sites",
            counts.total,
            self.gate.max_unsafe_sites,
            ("unsafe site is there", "unsafe sites are there"),
            Vec::new(),
            "take the new site out, or raise the number in the same change, where it can be reviewed",
        ));
        found.extend(too_many(
            "max-undocumented-sites",
            counts.undocumented,
            self.gate.max_undocumented_sites,
            ("site states no reason", "sites state no reason"),
            undocumented(),
            "write the SAFETY comment of each",
        ));
        found.extend(self.hits());
        found
    }

    /// The share of sites that enough layers executed.
    fn hits(&self) -> Option<Shortfall> {
        let least = self.gate.min_sites_hit_percent?;
        let layers = self.gate.layers.unwrap_or(2) as usize;
        let counts = |layer| {
            let mut verdicts = self.verdict.layers.iter();
            verdicts.any(|v| v.layer == layer && v.counts())
        };
        let built = self
            .evidence
            .sites
            .iter()
            .zip(&self.verdict.sites)
            .filter(|(site, _)| site.built == Built::Yes && site.probe != Probe::Declaration);
        let (hit, missed): (Vec<_>, Vec<_>) = built.partition(|(_, verdict)| {
            verdict.hits.keys().filter(|layer| counts(**layer)).count() >= layers
        });
        let total = hit.len() + missed.len();
        let share = percent(hit.len(), total);
        (share < least.get()).then(|| Shortfall {
            key: "min-sites-hit-percent".into(),
            what: format!(
                "{share:.1} % of the sites ({} of {total}) were executed under {layers} layers that count, and at least {} % are asked for",
                hit.len(),
                least.get()
            ),
            about: listed(missed.iter().map(|(site, verdict)| {
                let layers: Vec<&str> = verdict.hits.keys().map(|l| l.as_str()).collect();
                let by = if layers.is_empty() {
                    "no layer".to_owned()
                } else {
                    layers.join(", ")
                };
                format!("{}: {by}", site.place())
            })),
            advice: format!("write tests that reach them, then `{}`", self.command("audit")),
        })
    }

    fn layers(&self) -> Vec<Shortfall> {
        let missing = self.gate.required_layers.iter().filter_map(|layer| {
            let mut verdicts = self.verdict.layers.iter();
            let verdict = verdicts.find(|v| v.layer == *layer)?;
            (!verdict.counts()).then(|| Shortfall {
                key: "required-layers".into(),
                what: format!("{layer} does not count: {}", verdict.standing),
                about: Vec::new(),
                advice: format!(
                    "`cargo assay layers` says what it needs; then `{}`",
                    self.command("audit")
                ),
            })
        });
        missing.collect()
    }

    fn mutants(&self) -> Vec<Shortfall> {
        let asked =
            self.gate.min_mutants_killed_percent.is_some() || self.gate.max_open_mutants.is_some();
        if !asked {
            return Vec::new();
        }
        let advice = format!(
            "write a test that fails with each, or list it with its reason in assay-mutants.toml; `{}` asks again",
            self.command("mutate")
        );
        if self.evidence.mutants.is_empty() && !self.evidence.sites.is_empty() {
            return vec![Shortfall {
                key: "min-mutants-killed-percent".into(),
                what: "the evidence holds no mutants".into(),
                about: Vec::new(),
                advice: format!("make them: `{}`", self.command("mutate")),
            }];
        }
        let evidence = self.evidence;
        let mutants = || evidence.mutants.iter();
        let open: Vec<&Mutant> = mutants().filter(|m| evidence.fate(m).is_open()).collect();
        let killed = mutants()
            .filter(|m| matches!(evidence.fate(m), Fate::Killed(_)))
            .count();
        let about = || listed(open.iter().map(|m| told(m)));
        let total = killed + open.len();
        let share = percent(killed, total);
        let mut found = Vec::new();
        if let Some(least) = self.gate.min_mutants_killed_percent
            && share < least.get()
        {
            found.push(Shortfall {
                key: "min-mutants-killed-percent".into(),
                what: format!(
                    "{share:.1} % of the mutants ({killed} of {total}) were killed, and at least {} % are asked for",
                    least.get()
                ),
                about: about(),
                advice: advice.clone(),
            });
        }
        found.extend(too_many(
            "max-open-mutants",
            number(open.len()),
            self.gate.max_open_mutants,
            (
                "mutant was noticed by no test",
                "mutants were noticed by no test",
            ),
            about(),
            &advice,
        ));
        found
    }

    fn findings(&self) -> Vec<Shortfall> {
        let standing = |is: fn(&Finding) -> bool| -> Vec<&Finding> {
            let findings = self.evidence.findings.iter();
            let standing = findings.filter(|f| self.evidence.allowance_of(f).is_none());
            standing.filter(|f| is(f)).collect()
        };
        let about = |findings: &[&Finding]| {
            listed(
                findings
                    .iter()
                    .map(|f| format!("{} {}: {}", f.id, f.class, f.title)),
            )
        };
        let leaks = standing(|f| f.severity == Severity::Leak);
        let all = standing(|_| true);
        let advice =
            "mend what `cargo assay explain ID` shows, or accept it with its reason in assay.toml";
        let mut found = Vec::new();
        found.extend(too_many(
            "max-leaks",
            number(leaks.len()),
            self.gate.max_leaks,
            ("leak stands", "leaks stand"),
            about(&leaks),
            advice,
        ));
        found.extend(too_many(
            "max-findings",
            number(all.len()),
            self.gate.max_findings,
            ("finding stands", "findings stand"),
            about(&all),
            advice,
        ));
        found
    }

    /// What is worse than in the stored evidence.
    fn compared(&self) -> Option<Shortfall> {
        let path = self.gate.baseline.as_ref()?.display();
        let Some(baseline) = self.baseline else {
            return Some(Shortfall {
                key: "baseline".into(),
                what: format!("there is no stored evidence at `{path}`"),
                about: Vec::new(),
                advice: "store the present one: `cargo assay gate --save-baseline`".into(),
            });
        };
        let difference = diff(baseline, self.evidence);
        let worse: Vec<String> = difference.worse().map(ToString::to_string).collect();
        (!worse.is_empty()).then(|| Shortfall {
            key: "baseline".into(),
            what: format!("{} worse than in `{path}`", things(worse.len())),
            about: listed(worse.into_iter()),
            advice: "mend it, or accept it for the future with `cargo assay gate --save-baseline`"
                .into(),
        })
    }

    fn figure(&self, gate: &FigureGate) -> Vec<Shortfall> {
        let found = match self.measured("figure", &gate.name) {
            Ok(found) => found,
            Err(shortfall) => return vec![shortfall],
        };
        let (value, unit) = (found.value, &found.unit);
        let mut shortfalls = Vec::new();
        let what = |bound: Figure, kind: &str| {
            format!(
                "{} is {} {unit}, and {kind} {} {unit} is asked for",
                gate.name,
                value.get(),
                bound.get()
            )
        };
        let mut add = |key: &str, what: String| {
            shortfalls.push(Shortfall {
                key: key.into(),
                what,
                about: Vec::new(),
                advice: format!("measure again: {}", crate::shell_line(&found.command)),
            });
        };
        if let Some(max) = gate.max.filter(|max| value > *max) {
            add("figure.max", what(max, "at most"));
        }
        if let Some(min) = gate.min.filter(|min| value < *min) {
            add("figure.min", what(min, "at least"));
        }
        if let Some(most) = gate.max_worse_percent {
            match self.baseline.and_then(|b| named(b, &gate.name)) {
                None => add(
                    "figure.max-worse-percent",
                    format!("the baseline has no figure `{}`", gate.name),
                ),
                Some(old) => {
                    let worse = worse_percent(found, old.value);
                    if worse > most.get() {
                        let what = format!(
                            "{} is {} {unit} and was {}: {worse:.1} % worse, and at most {} % is asked for",
                            gate.name,
                            value.get(),
                            old.value.get(),
                            most.get()
                        );
                        add("figure.max-worse-percent", what);
                    }
                }
            }
        }
        shortfalls
    }

    fn ratio(&self, gate: &RatioGate) -> Vec<Shortfall> {
        let figures = [&gate.of, &gate.to].map(|name| self.measured("ratio", name));
        let [Ok(of), Ok(to)] = &figures else {
            return figures.into_iter().filter_map(Result::err).collect();
        };
        let ratio = of.value.get() / to.value.get();
        let outside = [
            (
                "ratio.max",
                gate.max.filter(|max| ratio > max.get()),
                "at most",
            ),
            (
                "ratio.min",
                gate.min.filter(|min| ratio < min.get()),
                "at least",
            ),
        ];
        let shortfall = |(key, bound, kind): (&str, Option<Figure>, &str)| {
            let bound = bound?;
            Some(Shortfall {
                key: key.into(),
                what: format!(
                    "{} / {} is {ratio:.3}, and {kind} {} is asked for",
                    gate.of,
                    gate.to,
                    bound.get()
                ),
                about: vec![
                    format!("{}: {} {}", of.name, of.value.get(), of.unit),
                    format!("{}: {} {}", to.name, to.value.get(), to.unit),
                ],
                advice: format!("measure again: {}", crate::shell_line(&of.command)),
            })
        };
        outside.into_iter().filter_map(shortfall).collect()
    }

    fn measured(&self, key: &str, name: &str) -> Result<&Measurement, Shortfall> {
        named(self.evidence, name).ok_or_else(|| {
            let names = self.evidence.measurements.iter().map(|m| m.name.clone());
            Shortfall {
                key: key.into(),
                what: format!("there is no figure `{name}`"),
                about: listed(names.map(|name| format!("there is `{name}`"))),
                advice: "run the benchmark that writes it, and name its file with `--figures`"
                    .into(),
            }
        })
    }

    fn command(&self, verb: &str) -> String {
        format!("cargo assay {verb} -p {}", self.evidence.subject.package)
    }
}

fn named<'a>(evidence: &'a Evidence, name: &str) -> Option<&'a Measurement> {
    evidence.measurements.iter().find(|m| m.name == name)
}

/// How much worse a figure is than it was, in percent; below 0 where it is better.
fn worse_percent(now: &Measurement, old: Figure) -> f64 {
    let change = (now.value.get() - old.get()) / old.get().abs() * 100.0;
    match now.better {
        // From nothing, any change is endless.
        _ if now.value == old => 0.0,
        Better::Lower => change,
        Better::Higher => -change,
    }
}

fn too_many(
    key: &str,
    found: u32,
    most: Option<u32>,
    (one, many): (&str, &str),
    about: Vec<String>,
    advice: &str,
) -> Option<Shortfall> {
    let most = most.filter(|most| found > *most)?;
    let noun = if found == 1 { one } else { many };
    Some(Shortfall {
        key: key.into(),
        what: format!("{found} {noun}, and at most {most} is asked for"),
        about,
        advice: advice.into(),
    })
}

fn told(mutant: &Mutant) -> String {
    format!("{} {} in {}", mutant.id, mutant.operator, mutant.place())
}

/// The first few lines, and how many there are besides.
fn listed(lines: impl Iterator<Item = String>) -> Vec<String> {
    let all: Vec<String> = lines.collect();
    let rest = all.len().saturating_sub(LISTED);
    let mut shown: Vec<String> = all.into_iter().take(LISTED).collect();
    if rest > 0 {
        shown.push(format!("and {rest} more"));
    }
    shown
}

fn things(count: usize) -> String {
    match count {
        1 => "1 thing is".into(),
        n => format!("{n} things are"),
    }
}

/// A share in percent; of nothing, all.
fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        return 100.0;
    }
    f64::from(number(part)) * 100.0 / f64::from(number(whole))
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
