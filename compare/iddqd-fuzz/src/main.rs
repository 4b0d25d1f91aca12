//! Random operations on the maps of iddqd and of idmap for some time: `--seconds N --seed S --maps PART-OF-A-NAME`.

use anyhow::{Context as _, bail};
use compare_iddqd_fuzz::{Pair, pairs};
use std::time::{Duration, Instant};

fn main() -> anyhow::Result<()> {
    let (mut seconds, mut seed, mut maps) = (10, fastrand::u64(..), String::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let value = arguments
            .next()
            .with_context(|| format!("{argument} has no value"))?;
        match argument.as_str() {
            "--seconds" => seconds = value.parse()?,
            "--seed" => seed = value.parse()?,
            "--maps" => maps = value,
            _ => bail!("{argument} is none of --seconds, --seed, --maps"),
        }
    }
    let pairs: Vec<Pair> = pairs()
        .into_iter()
        .filter(|pair| pair.name.contains(&maps))
        .collect();
    if pairs.is_empty() {
        bail!("no map has {maps} in its name");
    }
    // The panics of both are part of what is compared.
    std::panic::set_hook(Box::new(|_| {}));
    let start = Instant::now();
    let (mut sequences, first) = (0_u64, seed);
    while start.elapsed() < Duration::from_secs(seconds) {
        for pair in &pairs {
            if let Some(divergence) = pair.run(seed) {
                bail!("{}, seed {seed}: {divergence}", pair.name);
            }
            sequences += 1;
        }
        seed = seed.wrapping_add(1);
    }
    println!(
        "{sequences} sequences on {} maps, seeds {first} to {seed}: all answers are the same",
        pairs.len()
    );
    Ok(())
}
