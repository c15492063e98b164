//! A restore that is killed anywhere leaves the old databases or the new ones, and can be done again.

use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::time::Duration;

use super::*;

/// Calls that change names and make bytes durable; on a server, those that tell it something.
const FILES: &str = "mkdir,rename,renameat2,unlink,rmdir,fsync,fdatasync";
const SERVER: &str = "sendto";

/// Restores under a tracer that kills the program as it is about to make the call of this number; `false` when it did not
/// make so many.
fn killed_at(offices: &Offices, folder: &Path, calls: &str, number: usize) -> bool {
    let inject = format!("inject={calls}:signal=KILL:when={number}");
    let mut command = Command::new("strace");
    command.args(["-qq", "-o", "/dev/null", "-e", &format!("trace={calls}"), "-e", &inject]);
    command.arg(env!("CARGO_BIN_EXE_brama")).arg("--config").arg(offices.settings.write());
    command.args(["tenant", "restore", ADMINISTRATOR, "--from"]).arg(folder);
    let output = command.output().expect("strace runs");
    let killed = output.status.signal() == Some(9) || output.status.code() == Some(137);
    assert!(killed || output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    killed
}

#[track_caller]
fn check(engine: Engine, calls: &str, step: usize) {
    let offices = Offices::new(engine);
    let gateway = offices.start();
    offices.feed_persons(&gateway, 3);
    let folder = copy(&offices);
    done(&back_up(&offices, &folder));
    let copied = whole(&offices.stores());
    offices.ask(&gateway, 1);
    offices.ask(&gateway, 2);
    drop(gateway);
    let present = whole(&offices.stores());
    assert_eq!(present, copied + 2);

    let mut seen = BTreeMap::new();
    for number in (1..).step_by(step) {
        let killed = killed_at(&offices, &folder, calls, number);
        let found = whole(&offices.stores());
        assert!(found == present || found == copied, "killed at call {number}: {found} entries");
        *seen.entry(found).or_insert(0) += 1;
        if !killed {
            break;
        }
        if engine == Engine::Postgres {
            // Sessions of whoever was killed, and of its programs, end by themselves.
            thread::sleep(Duration::from_millis(300));
        }
    }
    assert!(seen[&present] > 3, "the program was killed before it was through: {seen:?}");
    let said = restore(&offices, &folder);
    assert!(done(&said).contains("what was there before is kept"), "{}", said.text);
    assert_eq!(whole(&offices.stores()), copied);
}

#[test]
fn a_restore_killed_anywhere_leaves_the_old_or_the_new_files() {
    check(Engine::Sqlite, FILES, 1);
}

#[test]
fn a_restore_killed_anywhere_leaves_the_old_or_the_new_database() {
    check(Engine::Postgres, SERVER, 9);
}
