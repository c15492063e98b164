//! What the operating system says about the gateway's process and about a thread of our own.

use std::fs;
use std::time::Duration;

/// Clock ticks of `/proc/PID/stat` (proc(5)): 100 a second on every Linux that Rust builds for.
const TICK: Duration = Duration::from_millis(10);

/// User and system time of a process with all its threads: `utime` and `stime` are fields 14 and 15.
pub fn cpu(process: u32) -> Duration {
    time(&process.to_string(), 14)
}

/// User and system time of the programs that this one has run to their ends: `cutime` and `cstime`.
pub fn children_cpu() -> Duration {
    time("self", 16)
}

/// The sum of two fields of `/proc/PROCESS/stat`, counted from 1.
fn time(process: &str, field: usize) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("a running process");
    // The name of the program, field 2, stands in brackets and may hold anything.
    let (_, fields) = stat.rsplit_once(')').expect("its name");
    let fields = fields.split_ascii_whitespace().skip(field - 3).take(2);
    TICK * fields.map(|ticks| ticks.parse::<u32>().expect("a number")).sum::<u32>()
}

/// Memory of a process that is resident, KiB.
pub fn resident_kib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("a running process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// Time that the calling thread has had a processor.
pub fn own_cpu() -> Duration {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").expect("schedstat");
    Duration::from_nanos(stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).expect("nanoseconds"))
}
