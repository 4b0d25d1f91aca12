//! The file for DHAT's viewer has what the viewer asks for.

use serde_json::Value;

use crate::report_of;

#[test]
fn the_viewer_finds_its_fields_and_every_frame() {
    let report = report_of("dhat");
    let read: Value = serde_json::from_str(&report.to_dhat()).unwrap();
    // The fields that `dh_view.js` refuses a file without.
    for field in [
        "dhatFileVersion",
        "mode",
        "verb",
        "bklt",
        "bkacc",
        "tu",
        "Mtu",
        "cmd",
        "pid",
        "te",
        "pps",
        "ftbl",
    ] {
        assert!(!read[field].is_null(), "{field}");
    }
    assert_eq!(
        (read["dhatFileVersion"].as_u64(), read["bklt"].as_bool()),
        (Some(2), Some(false))
    );
    let frames = read["ftbl"].as_array().unwrap();
    assert_eq!(frames[0], "[root]");
    let mut sums = (0, 0);
    for point in read["pps"].as_array().unwrap() {
        sums.0 += point["tb"].as_u64().unwrap();
        sums.1 += point["tbk"].as_u64().unwrap();
        for frame in point["fs"].as_array().unwrap() {
            let name = frames[frame.as_u64().unwrap() as usize].as_str().unwrap();
            assert!(name.starts_with("0x") && name.contains(": "), "{name}");
        }
    }
    let told = report.sites().iter().map(|site| (site.bytes, site.blocks));
    let told = told.fold((0, 0), |sum, site| (sum.0 + site.0, sum.1 + site.1));
    let untold = report.untold();
    assert_eq!(sums, (told.0 + untold.bytes, told.1 + untold.blocks));
}
