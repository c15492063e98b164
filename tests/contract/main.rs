//! The contract: every case folder, on both databases, through the door of a running gateway.

#[path = "../support/gateway.rs"]
#[allow(dead_code, reason = "other test programs use the rest")]
mod gateway;

#[test]
fn starts() {
    let dir = tempfile::tempdir().expect("a folder");
    let settings = gateway::Settings::new(dir.path());
    for _ in 0..3 {
        let start = std::time::Instant::now();
        let gateway = gateway::Gateway::start(&settings);
        let ready = start.elapsed();
        assert_eq!(gateway.get("/xsd/wspolne.xsd").status, 200);
        let status = gateway.stop();
        assert!(status.success());
        println!("ready {ready:?}, gone {:?}", start.elapsed());
    }
}
