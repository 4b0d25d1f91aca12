//! Evidence as JSON.

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, IntoDeserializer, MapAccess};
use serde::{Deserialize, Serialize};

use crate::{Evidence, Invalid, Measurement, Measurements, SCHEMA_VERSION, Verdict, verdict};

/// The largest file that [`Evidence::from_json`] reads, in bytes.
pub const MAX_JSON_BYTES: usize = 256 << 20;

/// Why a text is no evidence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The text is larger than [`MAX_JSON_BYTES`].
    #[error("the file has {bytes} bytes; at most {MAX_JSON_BYTES} are read")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The text is no JSON, or has no `schema_version`.
    #[error("no evidence file: {0}")]
    NotEvidence(#[source] serde_json::Error),
    /// The file follows another version of the schema.
    #[error("schema version {found} is not supported; this build reads version {SCHEMA_VERSION}")]
    SchemaVersion {
        /// The version that the file names.
        found: u64,
    },
    /// A record does not have the shape that the schema gives it.
    #[error("malformed evidence: {0}")]
    Malformed(#[source] serde_json::Error),
    /// The records contradict each other.
    #[error("inconsistent evidence: {0}")]
    Invalid(#[source] Invalid),
}

impl Evidence {
    /// Reads evidence and checks its invariants.
    ///
    /// A `verdict` member, as [`crate::render::json`] writes it, is skipped unread: a verdict is
    /// computed from the records, whoever wrote the file.
    ///
    /// Takes O(n log n) in the size of the text.
    ///
    /// # Errors
    /// A text that is too large, is no JSON, follows another schema version, does not have the
    /// schema's shape, or breaks an invariant.
    ///
    /// ```
    /// use assay_evidence::Evidence;
    /// let evidence = Evidence::example();
    /// assert_eq!(Evidence::from_json(&evidence.to_json())?, evidence);
    ///
    /// let newer = evidence.to_json().replacen("\"schema_version\": 1", "\"schema_version\": 7", 1);
    /// assert_eq!(
    ///     Evidence::from_json(&newer).unwrap_err().to_string(),
    ///     "schema version 7 is not supported; this build reads version 1",
    /// );
    /// # Ok::<(), assay_evidence::LoadError>(())
    /// ```
    pub fn from_json(text: &str) -> Result<Self, LoadError> {
        check_version(text)?;
        let Stored(evidence) = serde_json::from_str(text).map_err(LoadError::Malformed)?;
        evidence.validate().map_err(LoadError::Invalid)?;
        Ok(evidence)
    }

    /// The evidence as JSON, without a verdict; equal evidence gives identical bytes.
    ///
    /// Two spaces of indentation, members in the order of the fields, one final newline.
    ///
    /// ```
    /// use assay_evidence::Evidence;
    /// let evidence = Evidence::example();
    /// assert_eq!(evidence.to_json(), evidence.clone().to_json());
    /// assert!(evidence.to_json().starts_with("{\n  \"schema_version\": 1,\n"));
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        pretty(self)
    }
}

impl Measurements {
    /// Figures of a package, brought into order.
    #[must_use]
    pub fn new(package: &str, mut measurements: Vec<Measurement>) -> Self {
        measurements.sort_by(|a, b| a.name.cmp(&b.name));
        Self {
            schema_version: SCHEMA_VERSION,
            package: package.into(),
            measurements,
        }
    }

    /// Reads a file of figures.
    ///
    /// # Errors
    /// A text that is too large, is no JSON, follows another schema version, or does not have the shape.
    pub fn from_json(text: &str) -> Result<Self, LoadError> {
        check_version(text)?;
        serde_json::from_str(text).map_err(LoadError::Malformed)
    }

    /// The figures as JSON; equal figures give identical bytes.
    #[must_use]
    pub fn to_json(&self) -> String {
        pretty(self)
    }
}

impl Evidence {
    /// Takes over figures; one of a name that is there already replaces it.
    ///
    /// ```
    /// use assay_evidence::{Evidence, Measurements};
    /// let mut evidence = Evidence::example();
    /// evidence.add_measurements(Measurements::new("ring", vec![]));
    /// assert!(evidence.measurements.is_empty());
    /// ```
    pub fn add_measurements(&mut self, more: Measurements) {
        let is_new = |old: &Measurement| more.measurements.iter().all(|m| m.name != old.name);
        self.measurements.retain(is_new);
        self.measurements.extend(more.measurements);
        self.sort();
    }

    /// The same without the source text, to be stored as a baseline.
    ///
    /// ```
    /// use assay_evidence::Evidence;
    /// assert!(Evidence::example().without_sources().files.is_empty());
    /// ```
    #[must_use]
    pub fn without_sources(mut self) -> Self {
        self.files.clear();
        self
    }
}

/// The evidence and its verdict as one object.
pub(crate) fn with_verdict(evidence: &Evidence) -> String {
    #[derive(Serialize)]
    struct Report<'a> {
        #[serde(flatten)]
        evidence: &'a Evidence,
        verdict: Verdict,
    }
    pretty(&Report {
        evidence,
        verdict: verdict(evidence),
    })
}

/// Two spaces of indentation and one final newline.
pub(crate) fn pretty(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value)
        .expect("the records hold no maps with other keys than text and no failing serialiser");
    text.push('\n');
    text
}

/// The size and the version come first: a newer file must not fail with a complaint about a field.
fn check_version(text: &str) -> Result<(), LoadError> {
    if text.len() > MAX_JSON_BYTES {
        return Err(LoadError::TooLarge { bytes: text.len() });
    }
    let head: Head = serde_json::from_str(text).map_err(LoadError::NotEvidence)?;
    let found = head.schema_version;
    if found == u64::from(SCHEMA_VERSION) {
        Ok(())
    } else {
        Err(LoadError::SchemaVersion { found })
    }
}

/// What is read before anything else is believed.
#[derive(Deserialize)]
struct Head {
    schema_version: u64,
}

/// Evidence as it lies in a file: with or without a derived verdict.
struct Stored(Evidence);

impl<'de> Deserialize<'de> for Stored {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Evidence;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an evidence object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Evidence, A::Error> {
                Evidence::deserialize(de::value::MapAccessDeserializer::new(WithoutVerdict(map)))
            }
        }
        deserializer.deserialize_map(Visitor).map(Self)
    }
}

/// Passes every member on but `verdict`, which it skips without looking at it.
struct WithoutVerdict<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for WithoutVerdict<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.0.next_key::<String>()? {
            if key != "verdict" {
                return seed.deserialize(key.into_deserializer()).map(Some);
            }
            self.0.next_value::<IgnoredAny>()?;
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
}
