//! `wnetc version`: what was built, and what it finds on this machine, for bug reports and scripts.

use super::args::{TextFormat, Version};
use super::output::{Done, Output, Status};
use serde_json::json;
use std::env::consts::{ARCH, OS};
use std::io::Write;
use std::thread::available_parallelism;

pub(super) fn main(args: &Version, output: &mut Output) -> Done {
    let version = env!("CARGO_PKG_VERSION");
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    let threads = available_parallelism().map_or(1, usize::from);
    let simd = simd();
    let out = output.out();
    match args.format {
        TextFormat::Text => {
            writeln!(out, "wnetc {version}")?;
            writeln!(out, "{build} build for {ARCH} {OS}")?;
            let simd = if simd.is_empty() { "none known".to_owned() } else { simd.join(", ") };
            writeln!(out, "threads: {threads}; vector instructions: {simd}")?;
        }
        TextFormat::Json => {
            let json = json!({
                "schema": "wnet.version/1",
                "version": version,
                "build": build,
                "arch": ARCH,
                "os": OS,
                "threads": threads,
                "simd": simd,
            });
            writeln!(out, "{json}")?;
        }
    }
    Ok(Status::Fine)
}

/// The vector instructions that the processor has and kernels may gain from.
#[cfg(target_arch = "x86_64")]
fn simd() -> Vec<&'static str> {
    let found = [
        ("avx", std::arch::is_x86_feature_detected!("avx")),
        ("avx2", std::arch::is_x86_feature_detected!("avx2")),
        ("fma", std::arch::is_x86_feature_detected!("fma")),
        ("avx512f", std::arch::is_x86_feature_detected!("avx512f")),
    ];
    found.iter().filter(|(_, found)| *found).map(|(name, _)| *name).collect()
}

/// The vector instructions that the processor has and kernels may gain from.
#[cfg(not(target_arch = "x86_64"))]
fn simd() -> Vec<&'static str> {
    if cfg!(target_feature = "neon") { vec!["neon"] } else { Vec::new() }
}
