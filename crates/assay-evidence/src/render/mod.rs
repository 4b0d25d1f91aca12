//! Reports: the same evidence gives the same bytes.

use crate::{Evidence, json as stored};

/// The evidence and its verdict as JSON; its schema is [`crate::json_schema`].
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
    stored::with_verdict(evidence)
}
