//! The report as JSON: the evidence itself, and its verdict.

use crate::Evidence;

/// The evidence and its verdict as JSON; its schema is [`crate::json_schema`].
///
/// The `verdict` member is for programs that read the report; [`Evidence::from_json`] skips it.
///
/// ```
/// use assay_evidence::{Evidence, render};
/// let evidence = Evidence::example();
/// let text = render::json(&evidence);
/// assert!(text.contains("\"state\": \"incomplete\""));
/// assert_eq!(Evidence::from_json(&text)?, evidence);
/// # Ok::<(), assay_evidence::LoadError>(())
/// ```
#[must_use]
pub fn json(evidence: &Evidence) -> String {
    crate::json::with_verdict(evidence)
}
