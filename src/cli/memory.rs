//! How much memory a command may take: what `--max-memory` says, or else most of what the machine has.

/// The part of the machine's memory that is taken without being asked.
const SHARE: f64 = 0.8;

/// In bytes; `None` where the system doesn't tell.
pub(super) fn limit(flag: Option<u64>) -> Option<u128> {
    flag.map(u128::from).or_else(|| machine().map(|size| (size as f64 * SHARE) as u128))
}

/// The memory of the machine, or of the part of it that this process was given.
fn machine() -> Option<u64> {
    let group = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let group = group.and_then(|text| text.trim().parse().ok());
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("MemTotal:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes.saturating_mul(1024).min(group.unwrap_or(u64::MAX)))
}

/// The most memory that this process has had, in bytes; `None` where the system doesn't tell.
pub(super) fn peak() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes.saturating_mul(1024))
}

/// A number of bytes for clap, such as `500000`, `2GB` or `1.5GiB`.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim() {
        "" | "B" => 1,
        "kB" | "KB" => 1000,
        "MB" => 1000_u64.pow(2),
        "GB" => 1000_u64.pow(3),
        "TB" => 1000_u64.pow(4),
        "KiB" | "K" => 1 << 10,
        "MiB" | "M" => 1 << 20,
        "GiB" | "G" => 1 << 30,
        "TiB" | "T" => 1 << 40,
        other => return Err(format!("there is no unit `{other}`; there are kB, MB, GB, TB, KiB, MiB, GiB and TiB")),
    };
    match number.parse::<f64>() {
        Ok(number) => Ok((number * factor as f64) as u64),
        Err(_) => Err("want a number of bytes, such as `2GiB`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [("0", 0), ("17", 17), ("2GB", 2_000_000_000), ("1.5 MiB", 1_572_864), ("1K", 1024)] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for wrong in ["", "x", "-1", "2 GX", "1.2.3MB", "GB"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
