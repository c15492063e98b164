//! Tells cargo that migrations are embedded: a new file among them means a new build.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
